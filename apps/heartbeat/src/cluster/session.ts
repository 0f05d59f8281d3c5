import pg from "pg";
import { limitStatements } from "../storage/postgres/limit-statements.ts";
import { retried } from "../storage/postgres/retried.ts";

export interface SessionOptions {
  readonly url: string;
  /** A checked name. Notifications sent to it arrive, except behind a pooler. */
  readonly channel: string;
  /** How long a statement may take, and how long connecting, in milliseconds. */
  readonly timeoutMs: number;
  /** Called for a notification on a channel that the session listens to. */
  readonly onNotice: () => void;
}

export type Row = Readonly<Record<string, unknown>>;

/**
 * One connection for both statements and notifications: a silent network fails the next statement, so lost
 * notifications are always discovered. A failed connection is dropped, and the next statement opens a new one.
 */
export class Session {
  readonly #options: SessionOptions;
  #client: Promise<pg.Client> | null = null;
  #isClosed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** The rows of the only statement, or of the last one of several without values. Rejects with the driver's error. */
  async query(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    if (this.#isClosed) throw new Error("closed");
    this.#client ??= this.#open();
    const connecting = this.#client;
    try {
      const client = await connecting;
      const results = [await retried(() => client.query<Row>({ text, values: [...values] }))].flat();
      return results.at(-1)?.rows ?? [];
    } catch (error) {
      if (!isStatementsOwn(error)) this.#leave(connecting);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const client = await this.#client?.catch(() => null);
    this.#client = null;
    if (!client) return;
    await Promise.race([client.end(), new Promise((resolve) => setTimeout(resolve, 500).unref())]).catch(
      () => {},
    );
    client.connection.stream.destroy();
  }

  /** A firewall or an `idle_session_timeout` may close it between two statements. */
  #open(): Promise<pg.Client> {
    const opened = this.#connect(() => this.#leave(opened));
    return opened;
  }

  async #connect(onEnd: () => void): Promise<pg.Client> {
    const { url, channel, timeoutMs, onNotice } = this.#options;
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
      keepAlive: true,
      application_name: "heartbeat",
    });
    // The failing statement and the next one report it.
    client.on("error", () => {});
    client.on("end", onEnd);
    client.on("notification", onNotice);
    try {
      await client.connect();
      if (await limitStatements(client, timeoutMs)) await client.query(`listen "${channel}"`);
      return client;
    } catch (error) {
      destroy(client);
      throw error;
    }
  }

  #leave(connecting: Promise<pg.Client>): void {
    if (this.#client === connecting) this.#client = null;
    connecting.then(destroy, () => {});
  }
}

const destroy = (client: pg.Client) => void client.connection.stream.destroy();

/**
 * The server rejected the statement; the connection is still usable. One that takes no writes (25006) is not: it may be to a
 * former primary, or keep a setting that others no longer have.
 */
function isStatementsOwn(error: unknown): boolean {
  const { code, severity } = Object(error) as { readonly code?: unknown; readonly severity?: unknown };
  return severity === "ERROR" && typeof code === "string" && code.length === 5 && !/^(08|25|57)/.test(code);
}
