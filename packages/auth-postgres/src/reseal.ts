import { DURABLE, keyValues, rowKeyOf, type StoreContext } from "./context.ts";
import type { QueryOptions } from "./database.ts";
import { isSealedWith, type RowKey } from "./seal.ts";

/**
 * Seals every row that another key sealed with the first key. Prints and histories stay, so watchers see no change. Rows
 * written in the meantime by a process with the old key first are left for the next run.
 *
 * @param rowsAtOnce how many rows to read per statement
 * @returns how many rows were resealed
 */
export async function reseal(
  context: StoreContext,
  options: QueryOptions,
  rowsAtOnce = 500,
): Promise<number> {
  const { database, table } = context;
  let after: RowKey | null = { platform: "", id: "", kind: "" };
  let count = 0;
  while (after !== null) {
    const text = `select platform, id, kind, sealed from ${table}
      where sealed is not null and kind <> 'probe' and (platform, id, kind) > ($1, $2, $3)
      order by platform, id, kind limit ${rowsAtOnce}`;
    const rows = await database.query(text, keyValues(after), { ...options, access: "read" });
    const others = rows.filter(({ sealed }) => !isSealedWith(context.keys[0], sealed as Uint8Array));
    for (const row of others) {
      const key = rowKeyOf(row);
      const before = row.sealed as Uint8Array;
      const update = `update ${table} set sealed = $5::bytea
        where platform = $1 and id = $2 and kind = $3 and sealed = $4::bytea and ${DURABLE} returning 1`;
      const values = [...keyValues(key), before, context.seal(key, context.open(key, before))];
      count += (await database.query(update, values, options)).length;
    }
    const last = rows.at(-1);
    after = rows.length === rowsAtOnce && last !== undefined ? rowKeyOf(last) : null;
  }
  return count;
}
