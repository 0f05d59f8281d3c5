import { AuthError } from "@x/auth-core";
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

  /**
   * @param sealed bytes, also of another realm, as in Jest; the parsers of a caller's pool may make something else
   * @throws AuthError `STORAGE_READ_FAILED`
   */
  open(key: RowKey, sealed: unknown): Buffer {
    const what = describe(key);
    if (isBytes(sealed)) return open(this.keys, { fleet: this.fleet, ...key }, { sealed, what });
    const why = "was not read as bytes: let pg.types parse bytea (17) as pg does";
    throw new AuthError("STORAGE_READ_FAILED", `${what} ${why}.`);
  }
}

export const keyValues = ({ platform, id, kind }: RowKey): readonly string[] => [platform, id, kind];

export const rowKeyOf = ({ platform, id, kind }: Row): RowKey => ({
  platform: String(platform),
  id: String(id),
  kind: String(kind),
});

const isBytes = (value: unknown): value is Uint8Array => ArrayBuffer.isView(value);

function describe({ platform, id, kind }: RowKey): string {
  if (kind === "print-key") return "The store's own key";
  return `The ${kind === "auth" ? "token" : "inbound secret"} of ${id} (${platform})`;
}
