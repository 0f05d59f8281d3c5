import { createHash } from "node:crypto";
import { type Emulator, type RecordedRequest, startEmulator } from "@x/emulator";
import { onTestFinished } from "vitest";

/** An emulator in this process, closed after the test, which limits no request unless the options say so. */
export async function startPlatform(options: Parameters<typeof startEmulator>[0] = {}): Promise<Emulator> {
  const emulator = await startEmulator({ rateLimit: { max: 1_000_000, windowMs: 60_000 }, ...options });
  onTestFinished(() => emulator.close());
  return emulator;
}

/** Whether a request carried this token. */
export const carries = (request: RecordedRequest | undefined, token: string): boolean =>
  request?.headers.authorization?.sha256 === createHash("sha256").update(token).digest("hex");
