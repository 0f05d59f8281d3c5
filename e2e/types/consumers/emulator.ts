import { type Emulator, type EmulatorOptions, startEmulator, workspaceId } from "@x/emulator";

const options: EmulatorOptions = {
  contract: "v1",
  clock: { now: () => 0 },
  rateLimit: { max: 1, windowMs: 1 },
};

export async function use(): Promise<string> {
  // @ts-expect-error: a port is a number
  await startEmulator({ port: "8787" });
  const emulator: Emulator = await startEmulator(options);
  const token: string = emulator.create(workspaceId("atlas"), { name: "atlas" });
  emulator.outage({ kind: "status", status: 503 }, { forRequests: 1 });
  const statuses = emulator.requests.map((request) => request.status ?? request.outcome);
  const stop: () => void = emulator.subscribe(({ type }) => void type);
  stop();
  await emulator[Symbol.asyncDispose]();
  return `${emulator.url} ${token} ${statuses.join()}`;
}
