import type { ConfigsRoot, Place } from "./locations.ts";
import type { Marked, MarkRunner } from "./runner-mark.ts";
import type { LoadedInbox, WorkspaceRef } from "./workspace-store.ts";

/** A secret's file. */
export interface SecretFile extends Place {
  readonly fileName: string;
}

export interface ResultsPlace extends Place {
  /** A file that would exceed this is rotated. */
  readonly rotateBytes: number;
}

export interface SpillRoot {
  readonly root: ConfigsRoot;
  /** How many are listed at most. */
  readonly limit: number;
}

/** The delivered results, as their file records them. */
export interface RememberedResults {
  readonly delivered: readonly string[];
  readonly unannounced: readonly string[];
  readonly damagedLines: number;
  /** There is no file yet. */
  readonly isNew: boolean;
}

/** The file threads' operations. All of them block the calling thread. */
export interface FileOperations {
  readToken(file: SecretFile, signal: AbortSignal): Promise<string | null>;
  writeToken(args: { file: SecretFile; token: string }, signal: AbortSignal): Promise<void>;
  replaceToken(
    args: { file: SecretFile; expected: string | null; token: string },
    signal: AbortSignal,
  ): Promise<boolean>;
  /** @param args `only`: removes nothing if something else is stored; `null`: removes anything */
  removeToken(args: { file: SecretFile; only: string | null }, signal: AbortSignal): Promise<void>;
  probeToken(file: SecretFile, signal: AbortSignal): Promise<void>;
  listSpilled(root: SpillRoot): WorkspaceRef[];
  loadResults(place: ResultsPlace, signal: AbortSignal): Promise<RememberedResults>;
  appendResults(args: { place: ResultsPlace; lines: readonly string[] }, signal: AbortSignal): Promise<void>;
  loadInbox(place: Place, signal: AbortSignal): Promise<LoadedInbox>;
  appendInbox(args: { place: Place; lines: readonly string[] }, signal: AbortSignal): Promise<void>;
  appendFailedMessage(
    args: { place: Place; line: string; rotateBytes: number },
    signal: AbortSignal,
  ): Promise<void>;
  markRunner(args: MarkRunner): Marked;
  /** Determines the configs directory by reading the disk. */
  findConfigsDir(root: ConfigsRoot): string;
}
