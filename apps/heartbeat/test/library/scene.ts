import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@x/emulator";
import { onTestFinished } from "vitest";
import { type LogMessage, type StartWorkspaceOptions, startWorkspace } from "../../src/index.ts";
import { ATLAS } from "../ids.ts";

/** A platform over real sockets, and a directory for a workspace's files. */
export async function createLibraryScene(options: Parameters<typeof startEmulator>[0] = {}) {
  const emulator = await startEmulator(options);
  const configsDir = await mkdtemp(join(tmpdir(), "library-"));
  onTestFinished(async () => {
    await emulator.stop();
    await rm(configsDir, { recursive: true, force: true });
  });
  const log: LogMessage[] = [];
  return {
    emulator,
    configsDir,
    file: join(configsDir, ".auth_token"),
    log,
    codes: () => log.map(({ code }) => code),
    start(more: StartWorkspaceOptions = {}) {
      const workspace = startWorkspace({
        platformUrl: emulator.url,
        workspaceId: ATLAS,
        configsDir,
        env: {},
        intervalMs: 5_000,
        onLog: (entry) => log.push(entry),
        ...more,
      });
      onTestFinished(() => workspace.stop().catch(() => {}));
      return workspace;
    },
  };
}

export const heartbeatsOf = ({ requests }: Pick<Emulator, "requests">) =>
  requests.filter(({ path }) => path === "/registry/heartbeat");
