import type { Database, Row } from "./database.ts";
import type { StoreKey } from "./keys.ts";
import { quoted } from "./schema.ts";
import { open, type RowKey, seal } from "./seal.ts";

/** Makes an acknowledged commit durable, whatever the session's settings; does not weaken waiting for a standby. */
export const DURABLE = `set_config('synchronous_commit',
  case current_setting('synchronous_commit') when 'remote_apply' then 'remote_apply' else 'on' end, true) is not null`;

/** State shared by the parts of a store. */
export class StoreContext {
  readonly database: Database;
  readonly fleet: string;
  /** The first key seals, all of them open. */
  readonly keys: readonly [StoreKey, ...StoreKey[]];
  /** As an SQL identifier. */
  readonly table: string;

  constructor(database: Database, fleet: string, keys: readonly [StoreKey, ...StoreKey[]]) {
    this.database = database;
    this.fleet = fleet;
    this.keys = keys;
    this.table = `${quoted(fleet)}.token`;
  }

  seal(key: RowKey, text: Uint8Array): Buffer {
    return seal(this.keys[0], { fleet: this.fleet, ...key }, text);
  }

  /** @throws AuthError `STORAGE_READ_FAILED` */
  open(key: RowKey, sealed: Uint8Array): Buffer {
    return open(this.keys, { fleet: this.fleet, ...key }, { sealed, what: describe(key) });
  }
}

export const keyValues = ({ platform, id, kind }: RowKey): readonly string[] => [platform, id, kind];

export const rowKeyOf = ({ platform, id, kind }: Row): RowKey => ({
  platform: String(platform),
  id: String(id),
  kind: String(kind),
});

function describe({ platform, id, kind }: RowKey): string {
  if (kind === "print-key") return "The store's own key";
  return `The ${kind === "auth" ? "token" : "inbound secret"} of ${id} (${platform})`;
}
