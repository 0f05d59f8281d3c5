import { checkToken, type Env, isAuthError, type TokenStorage } from "@x/auth-core";
import { locateTokenFile } from "./configs-dir.ts";
import { createEmitFileEvent, type FileStorageEvent } from "./events.ts";
import { createModeGuard } from "./file-mode.ts";
import { writeFailure } from "./fs-errors.ts";
import { readTokenFile } from "./read-token-file.ts";
import { createReaders } from "./readers.ts";
import { sweep } from "./temporary-files.ts";
import { watchFile } from "./watch-file.ts";
import { writeTokenFile } from "./write-token-file.ts";

/** The location for people, when there is none. */
const NOWHERE = "(no configs directory)";

/** How often one storage looks for what killed saves have left behind. */
const SWEEP_EVERY_MS = 10 * 60_000;

/** Where a token file is, and who is told of it. */
export interface FileTokenStorageOptions {
  /** Where `CONFIGS_DIR` and `HOME` are looked up, at each access. Default: `process.env`. */
  readonly env?: Env;
  /** A directory of its own instead of the one that `resolveConfigsDir` finds; blank counts as absent. */
  readonly configsDir?: string;
  /** The file's name in that directory, for another secret that is kept beside the token. Default: `.auth_token`. */
  readonly fileName?: string;
  /** Told what happens to the file, without secrets. What it throws is ignored. */
  readonly onEvent?: (event: FileStorageEvent) => void;
  /**
   * Whether reading a file of ours that others may read gives it to us alone (0600). Default: `true`. With `false`,
   * reading changes nothing, and tells of such a file with `token-file-exposed`: for tools that only look.
   */
  readonly tighten?: boolean;
}

/**
 * The token in the file `.auth_token` of the configs directory: mode 0600, one line, no newline at its end.
 *
 * A write is on the disk once it settles, and whoever reads finds the old token or the new one, also when a writer is
 * killed. Where the file cannot be replaced (it is a mount of its own, its directory is not writable) it is written in
 * place. A read gives the token without white space around it, `null` when there is no file or a blank one. `watch`
 * keeps no process alive.
 *
 * Its methods reject with an AuthError, `STORAGE_READ_FAILED` or `STORAGE_WRITE_FAILED`, whose `cause` is the file
 * system's error; `write` also with `INVALID_TOKEN`.
 *
 * @example
 * const storage = fileTokenStorage({ configsDir: "/srv/agent" });
 * await storage.write(issued);
 */
export function fileTokenStorage(options: FileTokenStorageOptions = {}): TokenStorage {
  const emit = createEmitFileEvent(options.onEvent);
  const guard = createModeGuard({ tighten: options.tighten ?? true, emit });
  const readers = createReaders();
  const locate = () => locateTokenFile(options);
  let lastWrite: Promise<unknown> = Promise.resolve();
  let sweptAt = -Infinity;

  async function save(token: string): Promise<void> {
    const path = toWrite(locate);
    const { directory, inPlace } = await writeTokenFile(path, token);
    if (inPlace !== null) emit({ type: "token-file-written-in-place", path, why: inPlace });
    if (performance.now() - sweptAt < SWEEP_EVERY_MS) return;
    sweptAt = performance.now();
    await sweep(directory);
  }

  return {
    get location() {
      try {
        return locate();
      } catch {
        return NOWHERE;
      }
    },
    async read() {
      return readers.reading(async () => readTokenFile(locate(), guard));
    },
    async write(text) {
      const token = checkToken(text);
      // One after the other, so that the last one asked for is the one that stays.
      const write = lastWrite.then(() => readers.writing(() => save(token)));
      lastWrite = write.catch(() => {});
      await write;
    },
    watch(changed) {
      const follower = readers.follow();
      const stop = watchFile({
        locate,
        isNews: async () => !(await follower.haveAll(async () => readTokenFile(locate()))),
        changed,
      });
      return () => {
        stop();
        follower.end();
      };
    },
  };
}

/** Not knowing where to write is a failed write. */
function toWrite(locate: () => string): string {
  try {
    return locate();
  } catch (error) {
    throw writeFailure(NOWHERE, isAuthError(error) ? error.message : String(error), error);
  }
}
