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

/** One finished delegation, or any other record that a workspace is told once. */
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
  /** Remembers that the workspace was told of these. Durable once settled. */
  markAnnounced(ids: readonly string[], options?: { readonly signal?: AbortSignal }): Promise<void>;
}

export interface LoadedResults {
  /** Newest last, at most 500. */
  readonly delivered: readonly string[];
  readonly unannounced: readonly string[];
  /** Lines that could not be read as one of ours; they are passed over. */
  readonly damagedLines: number;
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
  /** A second place for a token that its own cannot take now: beside the runner's own state. */
  spill(ref: WorkspaceRef): TokenStorage;
  /** Which workspaces have a spilled token, by `refKey`; asked once at the start. */
  spilled(): Promise<ReadonlySet<string>>;
  /** True while a disk that hangs holds a thread: the process cannot exit then, only be killed. */
  isStuck(): boolean;
  /** Ends it, within two seconds. `hung`: as `isStuck` says. */
  close(): Promise<{ readonly hung: boolean }>;
}
