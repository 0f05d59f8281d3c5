/** A fleet's name is its schema's and part of its channel's: PostgreSQL truncates names to 63 bytes. */
const FLEET = /^(?!pg_)[a-z][a-z0-9_-]{0,47}$/;

/** @throws TypeError */
export function checkFleet(fleet: string): string {
  if (typeof fleet === "string" && FLEET.test(fleet)) return fleet;
  throw new TypeError(
    "fleet must be 1 to 48 of a-z, 0-9, _ and -, and start with a letter but not with pg_: it becomes the schema's name.",
  );
}

/** As an SQL identifier. A checked name contains no quotes. */
export const quoted = (name: string): string => `"${name}"`;

/** The channel on which token changes are announced. */
export const channelOf = (fleet: string): string => `${fleet}_token`;

/** The columns of the token table. */
export const COLUMNS = ["platform", "id", "kind", "sealed", "print", "history", "changed_at"] as const;

/** What to do about a table that lacks one of them: `prepare()` does not alter an existing table. */
export const OTHER_VERSION = "the store was set up by another version; use that version, or another fleet";

/**
 * The token table. A removed token's row stays, without the token, so that polling clients see the removal. `history`:
 * the versions of the row, the present one first. They are random: a database that fails over to an older copy would
 * assign a number twice.
 */
export const createTables = (fleet: string): readonly string[] => [
  `create schema if not exists ${quoted(fleet)}`,
  `create table if not exists ${quoted(fleet)}.token (
    platform text not null,
    id text not null,
    kind text not null check (kind in ('auth', 'inbound', 'print-key', 'probe')),
    sealed bytea,
    print bytea,
    history text[] not null,
    changed_at timestamptz not null,
    primary key (platform, id, kind)
  )`,
  `create index if not exists token_changed_at on ${quoted(fleet)}.token (changed_at)`,
];
