import { AuthError, type Env, platformOrigin, validateWorkspaceId } from "@x/auth-core";
import type { FileStorageEvent } from "@x/auth-node";
import type { Clock } from "../clock.ts";
import { FileCalls } from "./file-calls.ts";
import { FileThreads, type FileThreadsLimits } from "./file-threads.ts";
import { FileInboxLog } from "./inbox-log.ts";
import {
  INBOUND_SECRET_FILE,
  type Layout,
  ROTATION_FILE,
  SPILL_BASIS_FILE,
  TOKEN_FILE,
} from "./locations.ts";
import { ownProperties } from "./own.ts";
import { FileResultsLog } from "./results-log.ts";
import type { Marked, RunnerMark } from "./runner-mark.ts";
import { type SecretKind, SecretStorage } from "./secret-storage.ts";
import { refKey, type SpillStorage, type WorkspaceRef, type WorkspaceStore } from "./workspace-store.ts";

/** Limits on sizes and durations. */
export interface FileStoreLimits extends FileThreadsLimits {
  /** A file of results or failed messages that would exceed this is replaced by a new one. @default 16 MiB */
  readonly rotateBytes?: number;
  /** How many spilled tokens are listed at most. @default 100000 */
  readonly spilled?: number;
}

export interface FileStoreOptions {
  /** Overrides the directory that `resolveConfigsDir` finds; blank counts as absent. */
  readonly configsDir?: string | undefined;
  /** The source of `CONFIGS_DIR` and `HOME`, read at each call. */
  readonly env: Env;
  /**
   * `list`: each workspace in `<configs>/workspaces/<platform>/<id>/`. `single`: one, in the configs dir itself, whose
   * `.auth_token` it shares with other programs.
   */
  readonly layout: Layout;
  /** Called with file events, without secrets. Exceptions are ignored. @default nothing */
  readonly onEvent: (ref: WorkspaceRef, event: FileStorageEvent) => void;
  /** Called with each token and secret that is read or stored, so that it is never printed. @default nothing */
  readonly onSecret?: (ref: WorkspaceRef, text: string) => void;
  readonly limits?: FileStoreLimits;
  /** The clock for the limits. @default the machine's */
  readonly clock?: Pick<Clock, "after">;
  /** An alternative entry of the file threads, for tests. */
  readonly entry?: URL | string;
}

/** The store of a runner whose configs directory is on a disk. */
export interface FileStore extends WorkspaceStore {
  /** Writes the runner's mark into the configs directory. */
  markRunner(mark: RunnerMark): Promise<Marked>;
  /** Which token a spilled one replaces, stored next to it. */
  replacedBySpilled(ref: WorkspaceRef): SpillStorage;
}

const ROTATE_BYTES = 16 * 1_024 * 1_024;
const MAX_SPILLED = 100_000;

/**
 * Keeps workspaces' data in files. Threads do the work and can be left to a disk that hangs: no call waits for one
 * longer than its limit or for another directory's disk, and the process's other file operations and host name lookups
 * are never blocked.
 *
 * All calls reject with an `AuthError`, `STORAGE_READ_FAILED` or `STORAGE_WRITE_FAILED`, or with the signal's reason.
 *
 * @throws AuthError, from methods that take a ref: `WORKSPACE_ID_INVALID`, `PLATFORM_URL_INVALID`
 */
export function createFileStore(options: FileStoreOptions): FileStore {
  const { configsDir, env, layout, onEvent, limits = {}, clock, entry } = ownProperties(options);
  const { onSecret = () => {} } = ownProperties(options);
  const { rotateBytes = ROTATE_BYTES, spilled = MAX_SPILLED } = ownProperties(limits);
  const threads = new FileThreads({
    limits,
    ...(clock !== undefined && { clock }),
    ...(entry !== undefined && { entry }),
    onEvent: ({ ref, event }) => {
      try {
        onEvent(ref, event);
      } catch {
        // The listener is to blame, not the store.
      }
    },
  });
  const calls = new FileCalls({ threads, layout, configsDir, env });
  const kind = (what: string, fileName: string, area: SecretKind["area"] = "workspaces"): SecretKind => ({
    calls,
    what,
    area,
    fileName,
    onSecret,
  });
  const token = kind("The token", TOKEN_FILE);
  const inboundSecret = kind("The secret", INBOUND_SECRET_FILE);
  const results = { calls, rotateBytes };
  const spill = kind("The token", TOKEN_FILE, "unsaved");
  const spillBasis = kind("The replaced token", SPILL_BASIS_FILE, "unsaved");
  const rotation = kind("The rotation's record", ROTATION_FILE, "rotations");

  return {
    token: (ref) => new SecretStorage(token, checkRef(ref)),
    inboundSecret: (ref) => new SecretStorage(inboundSecret, checkRef(ref)),
    spill: (ref) => new SecretStorage(spill, checkRef(ref)),
    replacedBySpilled: (ref) => new SecretStorage(spillBasis, checkRef(ref)),
    rotation: (ref) => new SecretStorage(rotation, checkRef(ref)),
    results: (ref) => new FileResultsLog(results, checkRef(ref)),
    inbox: (ref) => new FileInboxLog(results, checkRef(ref)),
    async spilled() {
      const root = calls.root();
      const location = calls.locate(root, "unsaved");
      const subject = { what: "The unsaved tokens", location, access: "read", key: "unsaved" } as const;
      const refs = await calls.call("listSpilled", { root, limit: spilled }, { subject });
      return new Set(refs.map(refKey));
    },
    async markRunner(mark) {
      const root = calls.root();
      const location = calls.locate(root, "");
      const subject = { what: "The runner's mark", location, access: "write", key: "runner" } as const;
      return calls.call("markRunner", { root, mark }, { subject });
    },
    isStuck: () => threads.isStuck(),
    close: () => threads.close(),
  };
}

/** Its parts become directory names. */
function checkRef(ref: WorkspaceRef): WorkspaceRef {
  const isOrigin = platformOrigin(ref.platformOrigin) === ref.platformOrigin;
  if (!isOrigin)
    throw new AuthError("PLATFORM_URL_INVALID", "It must be an origin, like https://platform.example.");
  if (validateWorkspaceId(ref.workspaceId) === ref.workspaceId) return ref;
  throw new AuthError("WORKSPACE_ID_INVALID", "The workspace id has white space around it.");
}
