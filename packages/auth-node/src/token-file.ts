import { checkToken, type Env, isAuthError, type TokenStorage } from "@x/auth-core";
import { locateTokenFile } from "./configs-dir.ts";
import { createEmitFileEvent, type EmitFileEvent, type FileStorageEvent } from "./events.ts";
import { createModeGuard, type ModeGuard } from "./file-mode.ts";
import { writeFailure } from "./fs-errors.ts";
import { readTokenFile } from "./read-token-file.ts";
import { Readers } from "./readers.ts";
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
 * system's error; `write` also with `TOKEN_INVALID`.
 *
 * @example
 * const storage = fileTokenStorage({ configsDir: "/srv/agent" });
 * await storage.write(issued);
 */
export function fileTokenStorage(options: FileTokenStorageOptions = {}): TokenStorage {
  return new TokenFile(options);
}

/** A class, because a runner has one for each of thousands of workspaces; its methods need no `this` all the same. */
class TokenFile implements TokenStorage {
  readonly #locate: () => string;
  readonly #emit: EmitFileEvent;
  readonly #guard: ModeGuard;
  readonly #readers = new Readers();
  #lastWrite: Promise<unknown> = Promise.resolve();
  #sweptAt = -Infinity;

  constructor(options: FileTokenStorageOptions) {
    this.#locate = () => locateTokenFile(options);
    this.#emit = createEmitFileEvent(options.onEvent);
    this.#guard = createModeGuard({ tighten: options.tighten ?? true, emit: this.#emit });
  }

  get location() {
    try {
      return this.#locate();
    } catch {
      return NOWHERE;
    }
  }

  readonly read = async () => this.#readers.reading(async () => readTokenFile(this.#locate(), this.#guard));

  readonly write = async (text: string) => {
    const token = checkToken(text);
    // One after the other, so that the last one asked for is the one that stays.
    const write = this.#lastWrite.then(() => this.#readers.writing(() => this.#save(token)));
    this.#lastWrite = write.catch(() => {});
    await write;
  };

  readonly watch = (changed: () => void) => {
    const locate = this.#locate;
    const follower = this.#readers.follow();
    const stop = watchFile({
      locate,
      isNews: async () => !(await follower.haveAll(async () => readTokenFile(locate()))),
      changed,
    });
    return () => {
      stop();
      follower.end();
    };
  };

  async #save(token: string): Promise<void> {
    const path = toWrite(this.#locate);
    const { directory, inPlace } = await writeTokenFile(path, token);
    if (inPlace !== null) this.#emit({ type: "token-file-written-in-place", path, why: inPlace });
    if (performance.now() - this.#sweptAt < SWEEP_EVERY_MS) return;
    this.#sweptAt = performance.now();
    await sweep(directory);
  }
}

/** Not knowing where to write is a failed write. */
function toWrite(locate: () => string): string {
  try {
    return locate();
  } catch (error) {
    throw writeFailure(NOWHERE, isAuthError(error) ? error.message : String(error), error);
  }
}
