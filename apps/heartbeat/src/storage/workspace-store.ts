import type { TokenStorage } from "@x/auth-core";

/** Which workspace: an id means nothing without the platform that knows it. */
export interface WorkspaceRef {
  /** As in the `Origin` header: scheme, host and port. */
  readonly platformOrigin: string;
  readonly workspaceId: string;
}

/** Equal for equal refs, and only for those: neither an origin nor an id holds a blank. */
export const refKey = ({ platformOrigin, workspaceId }: WorkspaceRef): string =>
  `${platformOrigin} ${workspaceId}`;

/** A finished delegation, or any other record that is reported to a workspace once. */
export interface ResultEntry {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** What was delivered to a workspace, appended line by line, so that nothing is delivered twice. */
export interface ResultsLog {
  /** Where the lines are, for people. */
  readonly location: string;
  /** What was delivered and announced so far, as far as it is remembered. Read once, then kept. */
  load(options?: { readonly signal?: AbortSignal }): Promise<LoadedResults>;
  /** Durable once settled. */
  append(entries: readonly ResultEntry[], options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Remembers that these were reported to the workspace. Durable once settled. */
  markAnnounced(ids: readonly string[], options?: { readonly signal?: AbortSignal }): Promise<void>;
}

export interface LoadedResults {
  /** Newest last, at most 500. */
  readonly delivered: readonly string[];
  readonly unannounced: readonly string[];
  /** Lines that could not be read as one of ours; they are passed over. */
  readonly damagedLines: number;
  /** Nothing was ever recorded here: what is finished already is history, not news. */
  readonly isNew: boolean;
}

/** What a handler said to a message: stored before it is sent, so that a repetition says the same. */
export interface StoredAnswer {
  /** The message's row. */
  readonly row: string;
  /** A workspace; `null`: the person. */
  readonly to: string | null;
  /** The answer's own. */
  readonly messageId: string;
  readonly inReplyTo: string;
  readonly text: string;
}

/** One step of an inbox. */
export type InboxChange =
  /** Rows since this time (wall clock, in milliseconds) are new; there is no cursor. */
  | { readonly start: number }
  /** This row and all before it are done. `at`: when the platform took it, in milliseconds since 1970. */
  | { readonly cursor: string; readonly at?: number }
  /** A row is done. `said`: a digest of what was said to the person. */
  | { readonly done: string; readonly said?: string }
  | { readonly answer: StoredAnswer }
  /** A row's handler has failed so many times. */
  | { readonly failed: string; readonly count: number };

/** How far an inbox is handled. */
export interface LoadedInbox {
  /** Rows since this time may be undone; `null`: never begun here. */
  readonly start: number | null;
  readonly cursor: string | null;
  /** Newest last, at most 1,000. Some may be at or before the cursor. */
  readonly done: readonly string[];
  /** Digests of what was said to the person, newest last, at most 100. */
  readonly said: readonly string[];
  /** Not known to have been sent. */
  readonly answers: readonly StoredAnswer[];
  readonly failures: readonly (readonly [row: string, count: number])[];
  /** Lines that are none of ours; they are passed over. */
  readonly damagedLines: number;
}

/** A message that could not be handled, for people. */
export interface FailedMessage {
  readonly failed_at: string;
  readonly reason: string;
  readonly message: object;
  /** What could not be delivered. */
  readonly answer?: string;
}

/** How far a workspace's inbox is handled. */
export interface InboxLog {
  /** Where that is kept, for people. */
  readonly location: string;
  /** Where messages are set aside, for people. */
  readonly failedLocation: string;
  load(options?: { readonly signal?: AbortSignal }): Promise<LoadedInbox>;
  /** In this order. Durable once settled. */
  append(changes: readonly InboxChange[], options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Keeps a message that could not be handled. Durable once settled. */
  setAside(message: FailedMessage, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/**
 * Where a runner keeps what belongs to its workspaces. Every call settles: a disk that hangs fails the call within
 * the store's limit, and hangs nothing else.
 */
export interface WorkspaceStore {
  token(ref: WorkspaceRef): TokenStorage;
  /** The secret with which the platform calls the workspace. */
  inboundSecret(ref: WorkspaceRef): TokenStorage;
  results(ref: WorkspaceRef): ResultsLog;
  inbox(ref: WorkspaceRef): InboxLog;
  /** A second place for a token that its own cannot take now: beside the runner's own state. */
  spill(ref: WorkspaceRef): TokenStorage;
  /** A received token goes there first, and then to its own place, which is on another machine. @default false */
  readonly spillsFirst?: boolean;
  /** Which token the spilled one replaces, a line about both; left out: that is not remembered. */
  spillBasis?(ref: WorkspaceRef): TokenStorage;
  /** What a rotation of the token needs to be resumed, beside the runner's own state: one line, as secret as a token. */
  rotation(ref: WorkspaceRef): TokenStorage;
  /** Which workspaces have a spilled token, by `refKey`; asked once at the start. */
  spilled(): Promise<ReadonlySet<string>>;
  /** True while a disk that hangs holds a thread: the process cannot exit then, only be killed. */
  isStuck(): boolean;
  /** Ends it, within two seconds. `hung`: as `isStuck` says. */
  close(): Promise<{ readonly hung: boolean }>;
}
