import type { ConfigsRoot, Place } from "./places.ts";
import type { WorkspaceRef } from "./workspace-store.ts";

/** A secret's file. */
export interface SecretFile extends Place {
  readonly fileName: string;
}

export interface ResultsPlace extends Place {
  /** The file is rotated when it would become larger than this. */
  readonly rotateBytes: number;
}

export interface SpillRoot {
  readonly root: ConfigsRoot;
  /** How many are listed at most. */
  readonly limit: number;
}

/** What was delivered, as its file remembers it. */
export interface RememberedResults {
  readonly delivered: readonly string[];
  readonly unannounced: readonly string[];
  readonly damagedLines: number;
}

/** What the file threads can do. All of it blocks the thread that it is done on. */
export interface FileOperations {
  readToken(file: SecretFile, signal: AbortSignal): Promise<string | null>;
  writeToken(args: { file: SecretFile; token: string }, signal: AbortSignal): Promise<void>;
  replaceToken(
    args: { file: SecretFile; expected: string | null; token: string },
    signal: AbortSignal,
  ): Promise<boolean>;
  removeToken(file: SecretFile, signal: AbortSignal): Promise<void>;
  probeToken(file: SecretFile, signal: AbortSignal): Promise<void>;
  listSpilled(root: SpillRoot): WorkspaceRef[];
  loadResults(place: ResultsPlace, signal: AbortSignal): Promise<RememberedResults>;
  appendResults(args: { place: ResultsPlace; lines: readonly string[] }, signal: AbortSignal): Promise<void>;
  /** Where the configs dir is: looks at the disk. */
  findConfigsDir(root: ConfigsRoot): string;
}
