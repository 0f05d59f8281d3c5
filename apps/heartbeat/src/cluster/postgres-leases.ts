import type { AuthError, AuthErrorCode } from "@x/auth-core";
import pg from "pg";
import { databaseError, sqlState } from "../storage/postgres/database-error.ts";
import { channelOf, DURABLE, insertShards, SHARDS, schemaOf } from "../storage/postgres/schema.ts";
import type { ClaimedShard, LeaseStore, Ownerships } from "./lease-store.ts";
import type { Runner } from "./membership.ts";
import { type Row, Session } from "./session.ts";

export interface PostgresLeasesOptions {
  readonly url: string;
  /** A validated name, which becomes the schema's. */
  readonly fleet: string;
  /** Display name of the store. */
  readonly location: string;
  /** How long a statement may take, in milliseconds. @default 2000 */
  readonly timeoutMs?: number;
}

/** A workspace counts as alive for this long after its last owner released it, by the server's clock. */
const HANDED_OVER = "interval '10 seconds'";

/** The rows of a fleet's runners and shards in PostgreSQL. Nothing is connected before the first call. */
export class PostgresLeases implements LeaseStore {
  readonly #session: Session;
  readonly #watchers = new Set<() => void>();
  readonly #fleet: string;
  readonly #location: string;
  readonly #runner: string;
  readonly #shard: string;

  constructor({ url, fleet, location, timeoutMs = 2_000 }: PostgresLeasesOptions) {
    this.#fleet = fleet;
    this.#location = location;
    this.#runner = `${schemaOf(fleet)}.runner`;
    this.#shard = `${schemaOf(fleet)}.shard`;
    this.#session = new Session({
      url,
      timeoutMs,
      channel: channelOf(fleet),
      onNotice: () => {
        for (const changed of this.#watchers) changed();
      },
    });
  }

  async join({ id, name, listDigest }: Omit<Runner, "renewals">): Promise<void> {
    const inserting = `insert into ${this.#runner} (id, name, list_digest)
      select $1, $2, $3 where ${DURABLE} returning id`;
    await this.#change(inserting, [id, name, listDigest]);
  }

  async renew(id: string, listDigest: string): Promise<boolean> {
    const text = `update ${this.#runner} set renewals = renewals + 1, list_digest = $2
      where id = $1 and (select ${this.#lock("pg_advisory_xact_lock_shared", "$1")} is not null) and ${DURABLE} returning id`;
    const rows = await this.#query("STORAGE_WRITE_FAILED", text, [id, listDigest]);
    return rows.length > 0;
  }

  async list(): Promise<Ownerships> {
    const text = `select r.id, r.name, r.renewals, r.list_digest, pg_catalog.array_remove(pg_catalog.array_agg(s.shard), null) as shards
      from ${this.#runner} as r left join ${this.#shard} as s on s.owner = r.id group by r.id`;
    const rows = await this.#query("STORAGE_READ_FAILED", text, []);
    const owners = Array.from<string | null>({ length: SHARDS }).fill(null);
    for (const { id, shards } of rows) {
      for (const shard of shards as readonly number[]) owners[shard] = String(id);
    }
    return { runners: rows.map(runnerOf), owners };
  }

  async evict({ id, renewals }: Pick<Runner, "id" | "renewals">): Promise<boolean> {
    // One message, so that the lock ends with it. The last statement sees every renewal from before the lock, and waits
    // for no row: another session may hold the runner's row for hours.
    const runner = pg.escapeLiteral(id);
    const text = `set local transaction_isolation = 'read committed';
      select ${this.#lock("pg_advisory_xact_lock", runner)};
      with dead as (select id from ${this.#runner} where id = ${runner} and renewals = ${renewals} and ${DURABLE}),
      freed as (update ${this.#shard} set owner = null where shard in (
        select shard from ${this.#shard} where owner = ${runner} and exists (select 1 from dead)
        for no key update skip locked) returning 1),
      evicted as (delete from ${this.#runner} where id in (
        select id from ${this.#runner} where id in (select id from dead) for update skip locked)
        and (select count(*) from freed) = (select count(*) from ${this.#shard} where owner = ${runner}) returning 1)
      select (select count(*) from dead)::int as dead, (select count(*) from evicted)::int as evicted,
        case when (select count(*) from freed) + (select count(*) from evicted) > 0 then ${this.#announcing} end`;
    const [row] = await this.#query("STORAGE_WRITE_FAILED", text, []);
    if (row?.dead !== row?.evicted) throw this.#failure(ROW_HELD, "STORAGE_WRITE_FAILED");
    return row?.evicted === 1;
  }

  async claim(id: string, count: number): Promise<readonly ClaimedShard[]> {
    const text = `with free as (
        select shard, coalesce(released_at > clock_timestamp() - ${HANDED_OVER}, false) as handed_over
        from ${this.#shard} where owner is null order by shard limit $2 for update skip locked)
      update ${this.#shard} as s set owner = $1, epoch = epoch + 1, released_at = null
      from free where s.shard = free.shard and ${DURABLE} returning s.shard, free.handed_over`;
    const rows = await this.#query("STORAGE_WRITE_FAILED", text, [id, count]).catch((error: unknown) => {
      // Evicted a moment ago: the runner no longer exists.
      if (causeOf(error) === "23503") return [];
      throw error;
    });
    // An operator who truncates the runners truncates their shards, too.
    if (rows.length < count) await this.#query("STORAGE_WRITE_FAILED", insertShards(this.#fleet), []);
    return rows.map(({ shard, handed_over }) => ({
      shard: Number(shard),
      isHandedOver: handed_over === true,
    }));
  }

  async release(id: string, shards: readonly number[], alive: readonly number[]): Promise<void> {
    const owned = `select shard from ${this.#shard} where owner = $1 and shard = any($2::smallint[])`;
    const text = `with released as (update ${this.#shard}
        set owner = null, released_at = case when shard = any($3::smallint[]) then clock_timestamp() end
        where shard in (${owned} for no key update skip locked) and ${DURABLE} returning 1)
      select (select count(*) from (${owned}) as all_owned) - count(*) as left,
        case when count(*) > 0 then ${this.#announcing} end from released`;
    const [row] = await this.#query("STORAGE_WRITE_FAILED", text, [id, shards, alive]);
    if (Number(row?.left) > 0) throw this.#failure(ROW_HELD, "STORAGE_WRITE_FAILED");
  }

  async leave(id: string): Promise<void> {
    await this.#change(`delete from ${this.#runner} where id = $1 and ${DURABLE} returning id`, [id]);
  }

  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => void this.#watchers.delete(changed);
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  /** Changes rows and announces it in the same commit. */
  #change(changing: string, values: readonly unknown[]): Promise<readonly Row[]> {
    const text = `with changed as (${changing})
      select ${this.#announcing} from (select 1 from changed limit 1) as any_row`;
    return this.#query("STORAGE_WRITE_FAILED", text, values);
  }

  /** Renewals and evictions of one runner wait for each other. */
  #lock(take: string, runner: string): string {
    return `${take}(pg_catalog.hashtextextended('heartbeat ${this.#fleet} ' || ${runner}, 0))`;
  }

  get #announcing(): string {
    return `pg_notify('${channelOf(this.#fleet)}', '')`;
  }

  async #query(code: AuthErrorCode, text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    try {
      return await this.#session.query(text, values);
    } catch (error) {
      throw this.#failure(error, code);
    }
  }

  #failure(error: unknown, code: AuthErrorCode): AuthError {
    return Object.assign(databaseError(error, code, this.#location), { sqlState: sqlState(error) });
  }
}

/** The server's error for a statement that does not skip such a row. */
const ROW_HELD = { code: "55P03" };

const causeOf = (error: unknown): unknown => Object(error).sqlState;

const runnerOf = ({ id, name, renewals, list_digest }: Row): Runner => ({
  id: String(id),
  name: String(name),
  renewals: Number(renewals),
  listDigest: String(list_digest),
});
