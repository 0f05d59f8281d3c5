import { dirname, join } from "node:path";
import { AuthError, type Env, isAuthError } from "@x/auth-core";
import type { FileThreads } from "./file-threads.ts";
import {
  type Area,
  type ConfigsRoot,
  configsDirOf,
  type Layout,
  type Place,
  pathBelow,
} from "./locations.ts";
import type { FileOperations } from "./operations.ts";
import { ownVariable } from "./own.ts";
import { refKey, type WorkspaceRef } from "./workspace-store.ts";

type Operation = keyof FileOperations;
type Argument<K extends Operation> = Parameters<FileOperations[K]>[0];
type Result<K extends Operation> = Awaited<ReturnType<FileOperations[K]>>;

/** The subject of a call, for its errors. */
export interface Subject {
  /** Such as `The token`. */
  readonly what: string;
  /** A path. */
  readonly location: string;
  readonly access: "read" | "write";
  /** The same for everything in one directory. */
  readonly key: string;
}

export interface FileCallsOptions {
  readonly threads: Pick<FileThreads, "run">;
  readonly layout: Layout;
  readonly configsDir: string | undefined;
  readonly env: Env;
}

/** Shown when there is no path to show. */
const NOWHERE = "(no configs directory)";

/** Calls a store's file threads. Nothing here touches a disk itself. */
export class FileCalls {
  readonly #options: FileCallsOptions;
  /** The configs directories that only the disk could determine, by home directory; empty until found. */
  #found: { readonly home: string | undefined; path: string } | null = null;

  constructor(options: FileCallsOptions) {
    this.#options = options;
  }

  /** The settings that decide where the configs directory is. */
  root(): ConfigsRoot {
    const { configsDir, env } = this.#options;
    const named = configsDir?.trim() || ownVariable(env, "CONFIGS_DIR")?.trim();
    return { configsDir: named || undefined, home: ownVariable(env, "HOME") };
  }

  place({ platformOrigin, workspaceId }: WorkspaceRef, area: Area): Place {
    return { platformOrigin, workspaceId, area, layout: this.#options.layout, root: this.root() };
  }

  subject(what: string, place: Place, options: { fileName: string; access: Subject["access"] }): Subject {
    const { layout, area, root } = place;
    const isOnlyOne = layout === "single" && area === "workspaces";
    const key = [area, isOnlyOne ? "" : refKey(place), root.configsDir ?? root.home].join("\n");
    return {
      what,
      location: this.locate(root, join(pathBelow(place), options.fileName)),
      access: options.access,
      key,
    };
  }

  /** A path to display. */
  locate(root: ConfigsRoot, below: string): string {
    try {
      const configs = this.#configsDir(root);
      return configs === "" ? `${below} in the configs directory` : join(configs, below);
    } catch {
      return NOWHERE;
    }
  }

  /** @throws AuthError with the code of the subject's access; the signal's reason */
  async call<K extends Operation>(
    name: K,
    args: Argument<K>,
    { subject, signal }: { subject: Subject; signal?: AbortSignal | undefined },
  ): Promise<Result<K>> {
    const { what, location, access, key } = subject;
    const reading = access === "read";
    const code = reading ? "STORAGE_READ_FAILED" : "STORAGE_WRITE_FAILED";
    const failed = reading
      ? `${what} in ${location} cannot be read`
      : `${what} cannot be stored in ${location}`;
    const failure = (why: string) => new AuthError(code, `${failed}: ${why}`);
    const job = { name, args, key, directory: dirname(location), failure };
    try {
      // The thread's operation of that name returns exactly this type.
      return (await this.#options.threads.run(job, signal)) as Result<K>;
    } catch (error) {
      // Not knowing where to write, or what would be replaced, counts as a failed write.
      if (reading || !isAuthError(error) || error.code !== "STORAGE_READ_FAILED") throw error;
      throw new AuthError(code, error.message, { cause: error.cause });
    }
  }

  /** Empty while it is being determined. */
  #configsDir(root: ConfigsRoot): string {
    // With an explicit path, this reads no disk.
    if (root.configsDir !== undefined) return configsDirOf(root);
    const { home } = root;
    if (this.#found?.home !== home || this.#found === null) {
      const found = { home, path: "" };
      this.#found = found;
      const failure = () => new AuthError("STORAGE_READ_FAILED", NOWHERE);
      const job = { name: "findConfigsDir", args: root, key: "configs dir", directory: NOWHERE, failure };
      this.#options.threads.run(job).then(
        (path) => {
          found.path = String(path);
        },
        () => {
          if (this.#found === found) this.#found = null;
        },
      );
    }
    return this.#found.path;
  }
}
