import type { AuthErrorCode } from "@x/auth-core";
import pg from "pg";
import { databaseError } from "./database-error.ts";
import { limitStatements } from "./limit-statements.ts";
import { retried } from "./retried.ts";

/** For inboxes and results; tokens and leases use other connections. */
const CONNECTIONS = 2;
const TIMEOUT_MS = 5_000;
const CLOSE_MS = 1_000;

export interface SharedDatabaseOptions {
  readonly url: string;
  /** Display name. */
  readonly location: string;
}

/** Statements about workspaces, each with a timeout. Connects at the first one. */
export class SharedDatabase {
  readonly location: string;
  readonly #pool: pg.Pool;
  readonly #clients = new Set<pg.PoolClient>();

  constructor({ url, location }: SharedDatabaseOptions) {
    this.location = location;
    this.#pool = new pg.Pool({
      connectionString: url,
      max: CONNECTIONS,
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
      keepAlive: true,
      application_name: "heartbeat",
      onConnect: (client) => limitStatements(client, TIMEOUT_MS),
    });
    // An idle connection that breaks is replaced.
    this.#pool.on("error", () => {});
    this.#pool.on("connect", (client) => void this.#clients.add(client));
    this.#pool.on("remove", (client) => void this.#clients.delete(client));
  }

  /** @throws AuthError with the given code, without any value */
  async query(
    code: AuthErrorCode,
    text: string,
    values: readonly unknown[],
  ): Promise<readonly Readonly<Record<string, unknown>>[]> {
    try {
      return (await retried(() => this.#pool.query({ text, values: [...values] }))).rows;
    } catch (error) {
      throw databaseError(error, code, this.location);
    }
  }

  /** A silent network does not delay it. */
  async close(): Promise<void> {
    const late = new Promise<void>((resolve) => void setTimeout(resolve, CLOSE_MS).unref());
    await Promise.race([this.#pool.end().catch(() => {}), late]);
    for (const client of this.#clients) client.connection.stream.destroy();
  }
}
