import { randomBytes } from "node:crypto";
import { serveTasks } from "../children.ts";
import { pg, postgresTokenStore, startPostgres } from "../postgres.ts";
import { STORE } from "../row-names.ts";
import { interleave, milliseconds } from "../stats.ts";

/** Times tokens in a private database, in milliseconds, by name. */
export interface StoreTask {
  readonly rounds: number;
}

export type StoreAnswer = [string, readonly number[]][];

const WORKSPACE = { platformUrl: "https://platform.example", workspaceId: "agent-7" };
const ROW = [WORKSPACE.platformUrl, WORKSPACE.workspaceId, "auth"];

serveTasks(async ({ rounds }: StoreTask): Promise<StoreAnswer> => {
  await using postgres = await startPostgres();
  const store = postgresTokenStore({ url: postgres.url, keys: [randomBytes(32).toString("base64url")] });
  const pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
  // The server may stop before a connection has closed.
  pool.on("error", () => {});
  try {
    await store.prepare();
    const storage = store.storage(WORKSPACE);
    // As always in a fleet: the notification is part of the cost.
    const stop = storage.watch(() => {});
    let token = "token-0";
    await storage.write(token);
    const update = `update heartbeat.token set sealed = $4, print = $5, history = (gen_random_uuid()::text || history)[1:16],
      changed_at = now() where platform = $1 and id = $2 and kind = $3`;
    const [sealed, print] = [randomBytes(80), randomBytes(32)];
    const select = "select sealed from heartbeat.token where platform = $1 and id = $2 and kind = $3";
    let turn = 0;
    const next = () => `token-${++turn}`.padEnd(43, "x");
    const replace = async () => {
      const fresh = next();
      if (!(await storage.replace(token, fresh))) throw new Error("The token was not replaced.");
      token = fresh;
    };
    // The bare statement's content is not a valid token.
    const restore = () => storage.write(token);
    const timed = new Map<string, () => Promise<number>>([
      [
        STORE.floor,
        async () => {
          const took = await milliseconds(() => pool.query(update, [...ROW, sealed, print]));
          await restore();
          return took;
        },
      ],
      [STORE.replace, () => milliseconds(replace)],
      [STORE.write, () => milliseconds(() => storage.write(token))],
      [STORE.readFloor, () => milliseconds(() => pool.query(select, ROW))],
      [STORE.read, () => milliseconds(() => storage.read())],
    ]);
    await interleave(timed, Math.ceil(rounds / 10));
    const samples = await interleave(timed, rounds);
    stop();
    return [...samples];
  } finally {
    await store.close();
    await pool.end();
  }
});
