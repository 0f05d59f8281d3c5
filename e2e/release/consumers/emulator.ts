import { type Emulator, startEmulator } from "@x/emulator";

export async function use(): Promise<string> {
  // @ts-expect-error: a port is a number
  await startEmulator({ port: "8787" });
  const emulator: Emulator = await startEmulator({ adminToken: "of-this-test" });
  await emulator.stop();
  return emulator.url + emulator.adminToken;
}
