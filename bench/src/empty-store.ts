import { FileCalls } from "../../apps/heartbeat/src/storage/file-calls.ts";
import type { FileThreads } from "../../apps/heartbeat/src/storage/file-threads.ts";
import { FileInboxLog } from "../../apps/heartbeat/src/storage/inbox-log.ts";
import type { Area } from "../../apps/heartbeat/src/storage/locations.ts";
import type { FileOperations } from "../../apps/heartbeat/src/storage/operations.ts";
import { FileResultsLog } from "../../apps/heartbeat/src/storage/results-log.ts";
import { SecretStorage } from "../../apps/heartbeat/src/storage/secret-storage.ts";
import type { WorkspaceStore } from "../../apps/heartbeat/src/storage/workspace-store.ts";

const NO_RESULTS = { delivered: [], unannounced: [], damagedLines: 0, isNew: false };
const NO_INBOX = { start: 0, cursor: null, done: [], said: [], answers: [], failures: [], damagedLines: 0 };
const ANSWERS: Partial<Record<keyof FileOperations, unknown>> = {
  readToken: null,
  replaceToken: true,
  loadResults: NO_RESULTS,
  loadInbox: NO_INBOX,
};

/** A disk without files or latency. */
const emptyDisk: Pick<FileThreads, "run"> = {
  run: async ({ name }) => ANSWERS[name as keyof FileOperations],
};

/** The runner's file store, with all its state for a workspace, on top of that disk. */
export function emptyStore(): WorkspaceStore {
  const calls = new FileCalls({ threads: emptyDisk, layout: "list", configsDir: "/configs", env: {} });
  const kind = (what: string, area: Area) => ({ calls, what, area, fileName: what, onSecret() {} });
  const token = kind("token", "workspaces");
  const secret = kind("secret", "workspaces");
  const spill = kind("spill", "unsaved");
  const rotation = kind("rotation", "rotations");
  const lines = { calls, rotateBytes: 16 * 1024 * 1024 };
  return {
    token: (ref) => new SecretStorage(token, ref),
    inboundSecret: (ref) => new SecretStorage(secret, ref),
    spill: (ref) => new SecretStorage(spill, ref),
    rotation: (ref) => new SecretStorage(rotation, ref),
    results: (ref) => new FileResultsLog(lines, ref),
    inbox: (ref) => new FileInboxLog(lines, ref),
    spilled: async () => new Set(),
    isStuck: () => false,
    close: async () => ({ hung: false }),
  };
}
