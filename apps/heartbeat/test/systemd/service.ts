import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { temporaryDirectory } from "../support/directory.ts";

/** Writes each notification into a file, in one write. */
const SYSTEMD_NOTIFY = `#!/bin/sh
{ printf '%s\\037' "$@"; printf '%s\\n' "$NOTIFY_SOCKET"; } >> "$(dirname "$0")/../sent"
`;

export type Service = Awaited<ReturnType<typeof createService>>;

/** A service of a fake systemd, a program on `PATH`. */
export async function createService(program = SYSTEMD_NOTIFY) {
  const dir = temporaryDirectory();
  const bin = join(dir, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "systemd-notify"), program);
  await chmod(join(bin, "systemd-notify"), 0o755);
  const sent = async () => {
    const text = await readFile(join(dir, "sent"), "utf8").catch(() => "");
    return text
      .split("\n")
      .slice(0, -1)
      .map((line) => line.split("\u001f").slice(0, -1));
  };
  return {
    dir,
    env: {
      PATH: `${bin}:${process.env.PATH ?? ""}`,
      CONFIGS_DIR: join(dir, "configs"),
      NOTIFY_SOCKET: join(dir, "notify"),
    },
    /** The notifications so far: the assignments of each. */
    sent,
    /** Waits for a notification with this assignment. */
    async heard(assignment: string) {
      const find = async () => (await sent()).find((assignments) => assignments.includes(assignment));
      await expect.poll(find, { timeout: 30_000 }).toBeDefined();
      return (await find()) ?? expect.unreachable();
    },
  };
}
