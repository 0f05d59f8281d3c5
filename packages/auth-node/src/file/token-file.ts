import type { AccessOptions, Signal } from "@x/auth-core";
import { ownProperties } from "../own.ts";
import { type Access, beginAccess } from "./access.ts";
import type { Audience } from "./audience.ts";
import { createFor, type Holding, probeFor, readFor, removeFor, writeFor } from "./audience-store.ts";
import { createEmitFileEvent, type EmitFileEvent } from "./events.ts";
import { FileLocator } from "./file-locator.ts";
import type { FileTokenStorage, FileTokenStorageOptions } from "./file-storage-types.ts";
import type { FileSystem } from "./file-system.ts";
import { readFailure, unanswered, writeFailure } from "./fs-errors.ts";
import { Holder, otherHolder } from "./holder.ts";
import { type FileLocation, pathOf } from "./location.ts";
import { OperationQueue, runForPath } from "./operation-queue.ts";
import { createReadGuard, type ReadGuard } from "./permissions.ts";
import { poolFileSystem } from "./pool-file-system.ts";
import { Readers } from "./readers.ts";
import { checkStorable } from "./stored-text.ts";
import { sweep } from "./temporary-files.ts";
import { watchFile } from "./watch-file.ts";
import type { Written } from "./write-token-file.ts";

/** How often a storage cleans up after killed saves. */
const SWEEP_EVERY_MS = 10 * 60_000;

type Task<T> = (access: Access, location: FileLocation, audience: Audience | null) => Promise<T>;

/** A class, because a runner has thousands of them; but its methods work without `this`. */
export class TokenFile implements FileTokenStorage {
  readonly #io: FileSystem;
  readonly #locator: FileLocator;
  readonly #changesNothing: boolean;
  readonly #emit: EmitFileEvent;
  readonly #guard: ReadGuard;
  readonly #readers = new Readers();
  readonly #operations = new OperationQueue();
  readonly #holder: Holder;
  /** Of the last read. */
  #audience: Audience | null = null;
  #sweptAt = -Infinity;

  constructor(options: FileTokenStorageOptions) {
    this.#io = options.io ?? poolFileSystem;
    this.#locator = new FileLocator(options, this.#io);
    this.#changesNothing = options.tighten === false;
    this.#emit = createEmitFileEvent(options.onEvent);
    this.#holder = new Holder(this.#emit);
    this.#guard = createReadGuard({ tighten: !this.#changesNothing, emit: this.#emit });
  }

  get location() {
    return this.#holder.locationIn(this.#locator.path);
  }

  readonly read = async (options: AccessOptions = {}) => {
    const { signal, platformOrigin: named } = ownProperties(options);
    return this.#readers.reading(() =>
      this.#run(signal, readFailure, async (access) => {
        const audience = this.#locator.audienceOf(named);
        this.#audience = audience;
        const location = await this.#locator.locate();
        if (this.#locator.otherPlatformOf(location, audience) !== null) return null;
        const holding = await readFor(access, location, audience, this.#guard);
        const aside = holding.from === location ? null : pathOf(holding.from);
        this.#holder.note(pathOf(location), otherHolder(audience, holding.others), aside);
        await this.#restore(access, location, audience, holding);
        return holding.token;
      }),
    );
  };

  readonly write = async (text: string, options: AccessOptions = {}) => {
    const token = checkStorable(text);
    await this.#change(options, (access, location, audience) =>
      this.#write(access, location, audience, token),
    );
  };

  readonly replace = async (expected: string | null, text: string, options: AccessOptions = {}) => {
    const token = checkStorable(text);
    return this.#change(options, async (access, location, audience) => {
      const { token: found, stored } = await readFor(access, location, audience);
      if (found !== expected) return false;
      if (stored === null) {
        const create = () => createFor(access, location, audience, token);
        const created = await this.#readers.writing(create);
        if (created !== null) {
          await this.#saved(access, location, created);
          return true;
        }
        // A file exists: it was blank all along, or now holds a token.
        if ((await readFor(access, location, audience)).token !== expected) return false;
      }
      await this.#write(access, location, audience, token);
      return true;
    });
  };

  readonly remove = async (options: AccessOptions = {}) => {
    await this.#change(options, (access, location, audience) =>
      this.#readers.writing(() => removeFor(access, location, audience)),
    );
  };

  readonly probe = async (options: AccessOptions = {}) => {
    await this.#change(options, probeFor);
  };

  readonly watch = (changed: () => void, options: { readonly signal?: Signal } = {}) => {
    const { signal } = ownProperties(options);
    if (signal?.aborted) return () => {};
    const follower = this.#readers.follow();
    const read = () =>
      this.#run(undefined, readFailure, async (access) => {
        return (await readFor(access, await this.#locator.locate(), this.#audience)).token;
      });
    const stop = watchFile({
      io: this.#io,
      locate: async () => pathOf(await this.#locator.locate()),
      async isChange(change) {
        // Without a reader nothing is outdated; and what the first check finds may be news whose event is still to come.
        if (change === "none" && !follower.hasReaders) return false;
        return !(await follower.haveAll(read));
      },
      changed,
    });
    const unsubscribe = () => {
      signal?.removeEventListener("abort", unsubscribe);
      stop();
      follower.end();
    };
    signal?.addEventListener("abort", unsubscribe, { once: true });
    return unsubscribe;
  };

  #run<T>(
    signal: Signal | undefined,
    failure: (path: string, why: string) => Error,
    task: (access: Access) => Promise<T>,
  ): Promise<T> {
    return this.#operations.run(() => task(beginAccess(this.#io, signal)), {
      signal,
      unanswered: (seconds) => failure(this.#locator.path, unanswered(seconds)),
    });
  }

  /** Runs a compare-and-change operation exclusively for this file, within this thread. */
  #change<T>(options: AccessOptions, task: Task<T>): Promise<T> {
    const { signal, platformOrigin: named } = ownProperties(options);
    return this.#run(signal, writeFailure, async (access) => {
      const audience = this.#locator.audienceOf(named);
      const location = await this.#locator.locateToWrite();
      const path = pathOf(location);
      const other = this.#locator.otherPlatformOf(location, audience);
      if (other !== null) {
        throw writeFailure(path, `its directory is for ${other}, not ${audience?.origin ?? null}.`);
      }
      return runForPath(path, () => task(access, location, audience), {
        // The caller need not wait, but the change is complete only after this has run.
        signal: undefined,
        unanswered: (seconds) => writeFailure(path, unanswered(seconds)),
      });
    });
  }

  async #write(
    access: Access,
    location: FileLocation,
    audience: Audience | null,
    token: string,
  ): Promise<void> {
    const write = () => writeFor(access, location, audience, token);
    await this.#saved(access, location, await this.#readers.writing(write));
  }

  async #saved(access: Access, location: FileLocation, { directory, inPlace }: Written): Promise<void> {
    this.#holder.clear();
    const path = pathOf(location);
    if (inPlace !== null) this.#emit({ type: "token-file-written-in-place", path, why: inPlace });
    if (performance.now() - this.#sweptAt < SWEEP_EVERY_MS) return;
    this.#sweptAt = performance.now();
    await sweep(access, directory);
  }

  /**
   * Once this audience is configured again, moves its token back into the file, where programs that know only that file
   * look for it. Works like a save, so that a process may be killed at any point, and only while the file still holds a
   * token known to be another's. If it fails, the token is used from where it was set aside.
   */
  async #restore(
    access: Access,
    location: FileLocation,
    audience: Audience | null,
    { token, others }: Holding,
  ): Promise<void> {
    if (token === null || others.length === 0 || this.#changesNothing) return;
    const restore = async () => {
      const now = await readFor(access, location, audience);
      if (now.token !== token || now.others.length === 0) return;
      await this.#saved(access, location, await writeFor(access, location, audience, token));
    };
    try {
      await runForPath(pathOf(location), restore, {
        unanswered: (seconds) => new Error(unanswered(seconds)),
      });
    } catch {
      access.signal?.throwIfAborted();
    }
  }
}
