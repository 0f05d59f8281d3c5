import { join } from "node:path";
import type { Emulator, startEmulator } from "@x/emulator";
import { onTestFinished } from "vitest";
import { type LogMessage, type StartWorkspaceOptions, startWorkspace } from "../../src/index.ts";
import { ATLAS } from "../ids.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { startPlatform } from "../support/platform.ts";

/** A platform over real sockets, and a directory for a workspace's files. */
export async function createLibraryScene(options: Parameters<typeof startEmulator>[0] = {}) {
  const emulator = await startPlatform(options);
  const configsDir = temporaryDirectory();
  const log: LogMessage[] = [];
  const start = (more: StartWorkspaceOptions = {}) => {
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
  };
  return {
    emulator,
    configsDir,
    file: join(configsDir, ".auth_token"),
    log,
    codes: () => log.map(({ code }) => code),
    start,
    /** The same, once it is registered. */
    async startReady(more: StartWorkspaceOptions = {}) {
      const workspace = start(more);
      await workspace.ready;
      return workspace;
    },
  };
}

export const heartbeatsOf = ({ requests }: Pick<Emulator, "requests">) =>
  requests.filter(({ path }) => path === "/registry/heartbeat");
