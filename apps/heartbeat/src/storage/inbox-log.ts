import type { FileCalls } from "./file-calls.ts";
import { formatChange } from "./inbox-lines.ts";
import { FAILED_MESSAGES_FILE, INBOX_FILE, inboxOwner } from "./locations.ts";
import type { FailedMessage, InboxChange, InboxLog, LoadedInbox, WorkspaceRef } from "./workspace-store.ts";

/** What all inboxes of a store share. */
export interface InboxKind {
  readonly calls: FileCalls;
  readonly rotateBytes: number;
}

interface CallOptions {
  readonly signal?: AbortSignal;
}

/** The progress of a workspace's inbox, in the file next to its token. Keeps nothing in memory. */
export class FileInboxLog implements InboxLog {
  readonly #kind: InboxKind;
  readonly #ref: WorkspaceRef;

  constructor(kind: InboxKind, ref: WorkspaceRef) {
    this.#kind = kind;
    this.#ref = ref;
  }

  get failedLocation(): string {
    return this.#prepare(FAILED_MESSAGES_FILE, "write").subject.location;
  }

  get location(): string {
    return this.#prepare(INBOX_FILE, "read").subject.location;
  }

  load({ signal }: CallOptions = {}): Promise<LoadedInbox> {
    const { place, subject } = this.#prepare(INBOX_FILE, "read");
    return this.#kind.calls.call("loadInbox", place, { subject, signal });
  }

  async append(changes: readonly InboxChange[], { signal }: CallOptions = {}): Promise<void> {
    const { place, subject } = this.#prepare(INBOX_FILE, "write");
    const lines = changes.map((change) => formatChange(change, inboxOwner(place)));
    await this.#kind.calls.call("appendInbox", { place, lines }, { subject, signal });
  }

  async setAside(message: FailedMessage, { signal }: CallOptions = {}): Promise<void> {
    const { calls, rotateBytes } = this.#kind;
    const { place, subject } = this.#prepare(FAILED_MESSAGES_FILE, "write");
    const line = JSON.stringify(message);
    await calls.call("appendFailedMessage", { place, line, rotateBytes }, { subject, signal });
  }

  #prepare(fileName: string, access: "read" | "write") {
    const { calls } = this.#kind;
    const place = calls.place(this.#ref, "workspaces");
    return { place, subject: calls.subject("The inbox", place, { fileName, access }) };
  }
}
