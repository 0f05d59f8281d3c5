import { AuthError } from "@x/auth-core";
import { readInbox } from "../inbox-lines.ts";
import type { FailedMessage, InboxChange, InboxLog, LoadedInbox, WorkspaceRef } from "../workspace-store.ts";
import { DURABLE, schemaOf } from "./schema.ts";
import type { SharedDatabase } from "./shared-database.ts";

/** The runner that owns the workspace, according to the store. */
export interface Fence {
  readonly shard: number;
  /** The id of this runner's row; `null` when it has none. */
  readonly owner: string | null;
}

export interface InboxRowsOptions {
  readonly database: SharedDatabase;
  readonly fleet: string;
  readonly ref: WorkspaceRef;
  readonly fence: () => Fence;
  /** Messages that cannot be handled are set aside on this machine. */
  readonly files: Pick<InboxLog, "failedLocation" | "setAside">;
}

interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Beyond this number, changes are compacted when they are read; later ones make most of them obsolete. */
const MOST_ROWS = 3_000;

/**
 * The progress of a workspace's inbox, for the runner that owns the workspace. Only its owner may write: an answer is
 * stored before it is sent, so a runner that loses the workspace while it works can no longer send one.
 */
export class InboxRows implements InboxLog {
  readonly #options: InboxRowsOptions;
  readonly #table: string;
  readonly #shard: string;
  #appended = 0;

  constructor(options: InboxRowsOptions) {
    this.#options = options;
    this.#table = `${schemaOf(options.fleet)}.inbox`;
    this.#shard = `${schemaOf(options.fleet)}.shard`;
  }

  get location(): string {
    const { database, ref } = this.#options;
    return `${database.location}, inbox of ${ref.workspaceId} (${ref.platformOrigin})`;
  }

  get failedLocation(): string {
    return this.#options.files.failedLocation;
  }

  async load({ signal }: CallOptions = {}): Promise<LoadedInbox> {
    signal?.throwIfAborted();
    const { database } = this.#options;
    const text = `select change, number from ${this.#table} where platform = $1 and id = $2 order by number`;
    const rows = await database.query("STORAGE_READ_FAILED", text, this.#key());
    signal?.throwIfAborted();
    const memory = readInbox(Buffer.from(rows.map(({ change }) => `${change}\n`).join(""), "utf8"));
    this.#appended = rows.length;
    if (rows.length > MOST_ROWS) {
      const lines = memory.lines();
      await this.#write(lines, { upTo: rows.at(-1)?.number });
      this.#appended = lines.length;
    }
    return memory.loaded();
  }

  async append(changes: readonly InboxChange[], { signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (changes.length === 0) return;
    if (this.#appended + changes.length > MOST_ROWS) await this.load();
    await this.#write(changes.map((change) => JSON.stringify(change)));
    this.#appended += changes.length;
  }

  setAside(message: FailedMessage, options?: CallOptions): Promise<void> {
    return this.#options.files.setAside(message, options);
  }

  /**
   * One statement, which locks the shard's row until it is done. It does not wait for that row: no other runner changes
   * it while its owner lives, but an operator's session may hold it for hours, and waiting would block the connections
   * of all inboxes.
   *
   * @param options.upTo deletes these and all rows before; the given lines replace them
   */
  async #write(lines: readonly string[], { upTo = null }: { readonly upTo?: unknown } = {}): Promise<void> {
    const { database, fence } = this.#options;
    const { shard, owner } = fence();
    const text = `with owned as (select 1 from ${this.#shard} where shard = $4 and owner = $5 and ${DURABLE} for share nowait),
        replaced as (delete from ${this.#table} where platform = $1 and id = $2 and number in (
          select number from ${this.#table} where platform = $1 and id = $2 and number <= $6::bigint
            and exists (select 1 from owned) for update nowait))
      insert into ${this.#table} (platform, id, change)
      select $1, $2, line from pg_catalog.unnest($3::text[]) with ordinality as given (line, place), owned
      order by place returning 1`;
    const values = [...this.#key(), lines, shard, owner, upTo];
    const rows = await database.query("STORAGE_WRITE_FAILED", text, values);
    if (rows.length === lines.length) return;
    throw new AuthError(
      "STORAGE_WRITE_FAILED",
      `${this.location}: another runner has the workspace now, and handles its messages.`,
    );
  }

  #key(): readonly string[] {
    const { platformOrigin, workspaceId } = this.#options.ref;
    return [platformOrigin, workspaceId];
  }
}
