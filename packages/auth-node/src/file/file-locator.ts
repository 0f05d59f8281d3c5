import { resolve } from "node:path";
import { isAuthError } from "@x/auth-core";
import { type FoundConfigsDir, locateConfigsDir, locateConfigsDirNow } from "../configs-dir.ts";
import { type Audience, audienceOf } from "./audience.ts";
import type { FileTokenStorageOptions } from "./file-storage-types.ts";
import type { FileSystem } from "./file-system.ts";
import { writeFailure } from "./fs-errors.ts";
import { type FileLocation, pathOf, TOKEN_FILE } from "./location.ts";

/** Shown in place of a path if there is none. */
const NOWHERE = "(no configs directory)";

/** Locates a storage's file and determines its audience, both of which may change at any time. */
export class FileLocator {
  readonly #options: FileTokenStorageOptions;
  readonly #io: FileSystem;
  /** What relative paths stay relative to, wherever the program goes later. */
  readonly #base = workingDirectory();
  #found: FoundConfigsDir | null = null;

  constructor(options: FileTokenStorageOptions, io: FileSystem) {
    this.#options = options;
    this.#io = io;
  }

  /** For people; available synchronously. */
  get path(): string {
    try {
      return pathOf(this.#locationIn(locateConfigsDirNow(this.#options, this.#found, this.#base)));
    } catch {
      return NOWHERE;
    }
  }

  async locate(): Promise<FileLocation> {
    this.#found = await locateConfigsDir(this.#options, this.#io, this.#base);
    return this.#locationIn(this.#found);
  }

  /** A failure to determine the location is a failed write. */
  async locateToWrite(): Promise<FileLocation> {
    try {
      return await this.locate();
    } catch (error) {
      throw writeFailure(NOWHERE, isAuthError(error) ? error.message : String(error), error);
    }
  }

  /**
   * @param origin the one that a call names; otherwise the configured platform's
   * @throws AuthError `PLATFORM_URL_INVALID`
   */
  audienceOf(origin: string | undefined): Audience | null {
    return audienceOf(origin ?? this.#options.platformUrl, this.#options.workspaceId);
  }

  /** The platform that a workspace's directory in a list belongs to, if not the audience's. */
  otherPlatformOf({ root }: FileLocation, audience: Audience | null): string | null {
    const own = root === null ? null : this.audienceOf(undefined);
    return own === null || audience?.origin === own.origin ? null : own.origin;
  }

  #locationIn({ path }: FoundConfigsDir): FileLocation {
    const { fileName = TOKEN_FILE, root } = this.#options;
    return { configsDir: path, fileName, root: root?.trim() ? resolve(this.#base ?? "", root.trim()) : null };
  }
}

/** `undefined`: it no longer exists. */
function workingDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
