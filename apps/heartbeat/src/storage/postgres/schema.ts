/** Number of shards of any fleet: a workspace never changes its shard. */
export const SHARDS = 256;

/** As an SQL identifier: a fleet's name contains no quotes. */
export const schemaOf = (fleet: string): string => `"${fleet}"`;

/**
 * In a statement that changes something: an acknowledged change is on the disk, whatever the database's settings;
 * waiting for a standby as well stays in effect. Set for that statement's transaction only, because behind a pooler the
 * session is shared.
 */
export const DURABLE = `set_config('synchronous_commit',
  case current_setting('synchronous_commit') when 'remote_apply' then 'remote_apply' else 'on' end, true) is not null`;

/** Where runners announce that shards are free, or that one of them came or went. */
export const channelOf = (fleet: string): string => `${fleet}_shard`;

/**
 * The tables of a fleet's runners, besides those of its tokens. Each statement can be repeated. The schema must exist.
 *
 * @param fleet a validated name: `a-z`, `0-9`, `_` and `-`
 */
export function clusterTables(fleet: string): readonly string[] {
  const schema = schemaOf(fleet);
  return [
    `create table if not exists ${schema}.runner (
      id text primary key,
      name text not null,
      renewals bigint not null default 0,
      list_digest text not null
    )`,
    `create table if not exists ${schema}.shard (
      shard smallint primary key check (shard between 0 and ${SHARDS - 1}),
      owner text references ${schema}.runner on delete set null,
      epoch bigint not null default 0,
      released_at timestamptz
    )`,
    insertShards(fleet),
    `create index if not exists shard_owner on ${schema}.shard (owner)`,
    `create table if not exists ${schema}.delivered (
      platform text not null,
      id text not null,
      message text not null,
      delivered_at timestamptz not null default now(),
      primary key (platform, id, message)
    )`,
    `create table if not exists ${schema}.inbox (
      platform text not null,
      id text not null,
      number bigint generated always as identity,
      change text not null,
      primary key (platform, id, number)
    )`,
  ];
}

/** Adds the shards that are missing. */
export const insertShards = (fleet: string): string =>
  `insert into ${schemaOf(fleet)}.shard (shard) select generate_series(0, ${SHARDS - 1}) on conflict do nothing`;

/** The tables whose absence means that `heartbeat store init` has not been run, with their columns. */
export const CLUSTER_TABLES = {
  runner: ["id", "name", "renewals", "list_digest"],
  shard: ["shard", "owner", "epoch", "released_at"],
  delivered: ["platform", "id", "message", "delivered_at"],
  inbox: ["platform", "id", "number", "change"],
} as const;

/** What to do about tables that lack a column. `heartbeat store init` does not alter existing tables. */
export const OTHER_VERSION = "it was set up by another version; use that version, or another fleet";
