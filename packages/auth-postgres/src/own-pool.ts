import pg from "pg";
import type { PostgresClient, PostgresPool } from "./client.ts";

/** Four for statements, and one for notifications. */
const CONNECTIONS = 5;
const CLOSE_MS = 1_500;

/** The connections of a store created with a URL. */
export class OwnPool implements PostgresPool {
  readonly #pool: pg.Pool;
  readonly #clients = new Set<pg.PoolClient>();
  #closing: Promise<void> | null = null;

  constructor(url: string, timeoutMs: number) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: CONNECTIONS,
      connectionTimeoutMillis: timeoutMs,
      keepAlive: true,
      // A script that forgets to close the store still exits once it is done.
      allowExitOnIdle: true,
      application_name: "@x/auth-postgres",
    });
    // A broken idle connection is replaced; nothing is lost.
    this.#pool.on("error", () => {});
    this.#pool.on("connect", (client) => void this.#clients.add(client));
    this.#pool.on("remove", (client) => void this.#clients.delete(client));
  }

  connect(): Promise<PostgresClient> {
    return this.#pool.connect();
  }

  /** Connections that do not close in time are destroyed: a dead network must not block the caller's shutdown. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([this.#pool.end().catch(() => {}), late]);
    clearTimeout(timer);
    for (const client of this.#clients) client.connection.stream.destroy();
  }
}
