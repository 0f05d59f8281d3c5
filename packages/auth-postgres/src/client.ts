/** The part of a `pg` client that is used. */
export interface PostgresClient {
  /** Sends a statement with parameters. */
  query(query: { text: string; values?: unknown[] }): Promise<{ rows: unknown[] }>;
  /** Returns the connection to its pool; `true` closes it. */
  release(destroy?: boolean): void;
  /** Listens for notifications (`NOTIFY`). */
  on(
    event: "notification",
    listener: (message: { channel: string; payload?: string | undefined }) => void,
  ): unknown;
  /** Listens for the connection's end; `error`: it broke. */
  on(event: "error" | "end", listener: () => void): unknown;
}

/** The part of a `pg` pool that is used, as `new Pool(...)` has it. */
export interface PostgresPool {
  /** Returns a connection as soon as one is free. */
  connect(): Promise<PostgresClient>;
}

/**
 * The server process that a connection was assigned when it was opened; `null` if the pool's clients do not know it. A
 * pooler in transaction mode makes one up: it lends a process for one transaction, and session settings stay there for
 * the next client.
 */
export function processOf(client: PostgresClient): number | null {
  return "processID" in client && typeof client.processID === "number" ? client.processID : null;
}

const listened = new WeakSet<PostgresClient>();

export function ignoreErrors(client: PostgresClient): void {
  if (listened.has(client)) return;
  listened.add(client);
  client.on("error", () => {});
}
