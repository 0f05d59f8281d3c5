import type { AccessOptions, Awaitable, TokenStorage } from "@x/auth-core";

/** Identifies a workspace: an id is meaningful only together with its platform. */
export interface WorkspaceRef {
  /** As in the `Origin` header: scheme, host and port. */
  readonly platformOrigin: string;
  readonly workspaceId: string;
}

/** Equal for equal refs, and only for those: neither an origin nor an id contains a blank. */
export const refKey = ({ platformOrigin, workspaceId }: WorkspaceRef): string =>
  `${platformOrigin} ${workspaceId}`;

/** A finished delegation, or any other record that is reported to a workspace once. */
export interface ResultEntry {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** The results that were delivered to a workspace, appended line by line, so that none is delivered twice. */
export interface ResultsLog {
  /** Display name of the location. */
  readonly location: string;
  /** The results delivered and announced so far, as far as they are remembered. Read once, then cached. */
  load(options?: { readonly signal?: AbortSignal }): Promise<LoadedResults>;
  /** Durable once settled. */
  append(entries: readonly ResultEntry[], options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Records that these were reported to the workspace. Durable once settled. */
  markAnnounced(ids: readonly string[], options?: { readonly signal?: AbortSignal }): Promise<void>;
}

export interface LoadedResults {
  /** Newest last, at most 500. */
  readonly delivered: readonly string[];
  readonly unannounced: readonly string[];
  /** Lines that are not in our format; they are skipped. */
  readonly damagedLines: number;
  /** Nothing was ever recorded here: results that are already finished are history and are not announced. */
  readonly isNew: boolean;
}

/** A handler's answer to a message: stored before it is sent, so that a repetition sends the same. */
export interface StoredAnswer {
  /** The message's row. */
  readonly row: string;
  /** A workspace; `null` for the user. */
  readonly to: string | null;
  /** The id of the answer itself. */
  readonly messageId: string;
  readonly inReplyTo: string;
  readonly text: string;
}

/** One step of an inbox. */
export type InboxChange =
  /** Rows since this time (wall clock, in milliseconds) are new; there is no cursor. */
  | { readonly start: number }
  /** This row and all before it are done. `at`: when the platform received it, in milliseconds since 1970. */
  | { readonly cursor: string; readonly at?: number }
  /** A row is done. `said`: a digest of the answer to the user. */
  | { readonly done: string; readonly said?: string }
  | { readonly answer: StoredAnswer }
  /** A row's handler has failed this many times. */
  | { readonly failed: string; readonly count: number };

/** The progress of an inbox. */
export interface LoadedInbox {
  /** Rows since this time may be unhandled; `null` when the inbox was never read here. */
  readonly start: number | null;
  readonly cursor: string | null;
  /** Newest last, at most 1,000. Some may be at or before the cursor. */
  readonly done: readonly string[];
  /** Digests of the answers to the user, newest last, at most 100. */
  readonly said: readonly string[];
  /** Not known to have been sent. */
  readonly answers: readonly StoredAnswer[];
  readonly failures: readonly (readonly [row: string, count: number])[];
  /** Lines that are not in our format; they are skipped. */
  readonly damagedLines: number;
}

/** A message that could not be handled, for people to read. */
export interface FailedMessage {
  readonly failed_at: string;
  readonly reason: string;
  readonly message: object;
  /** The answer that could not be delivered. */
  readonly answer?: string;
}

/** The progress of a workspace's inbox. */
export interface InboxLog {
  /** Display name of its location. */
  readonly location: string;
  /** Display name of the file of messages that were set aside. */
  readonly failedLocation: string;
  load(options?: { readonly signal?: AbortSignal }): Promise<LoadedInbox>;
  /** Applied in this order. Durable once settled. */
  append(changes: readonly InboxChange[], options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Stores a message that could not be handled. Durable once settled. */
  setAside(message: FailedMessage, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** Written by a workspace's own runner, and removed also on behalf of its next owner. */
export interface SpillStorage extends TokenStorage {
  /** @param options `only`: removes nothing if another text has been stored meanwhile */
  remove?(options?: AccessOptions & { readonly only?: string }): Awaitable<void>;
}

/**
 * A runner's storage for its workspaces. Every call settles: a hanging disk fails the call within the store's limit,
 * and blocks nothing else.
 */
export interface WorkspaceStore {
  token(ref: WorkspaceRef): TokenStorage;
  /** The secret with which the platform calls the workspace. */
  inboundSecret(ref: WorkspaceRef): TokenStorage;
  results(ref: WorkspaceRef): ResultsLog;
  inbox(ref: WorkspaceRef): InboxLog;
  /** A second location, next to the runner's own state, for a token that its own storage cannot take now. */
  spill(ref: WorkspaceRef): SpillStorage;
  /**
   * A received token is also written there until its own storage, which is on another machine, has it. @default false
   */
  readonly spillsAtOnce?: boolean;
  /** Which token the spilled one replaces, in a line about both; if omitted, that is not recorded. */
  spillBasis?(ref: WorkspaceRef): SpillStorage;
  /**
   * Opaque versions of the stored token, its own first, then those that it replaced; empty unless `token` is what was
   * last read or stored. If omitted, there are none.
   */
  versions?(ref: WorkspaceRef, token: string | null): readonly string[];
  /** What a token rotation needs to be resumed, next to the runner's own state: one line, as secret as a token. */
  rotation(ref: WorkspaceRef): TokenStorage;
  /** Which workspaces have a spilled token, by `refKey`; read once at startup. */
  spilled(): Promise<ReadonlySet<string>>;
  /** True while a hanging disk blocks a thread: the process cannot exit then, only be killed. */
  isStuck(): boolean;
  /** Closes it within two seconds. `hung`: as in `isStuck`. */
  close(): Promise<{ readonly hung: boolean }>;
}
