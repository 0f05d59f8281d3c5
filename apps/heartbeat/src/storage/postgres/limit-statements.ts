import type { ClientBase } from "pg";

/**
 * Makes the server end statements that their client no longer waits for. Without it, each statement that waits for a
 * locked row occupies a server connection, even after the client has closed its own.
 *
 * @returns false behind a pooler in transaction mode, where nothing is set: the pooler lends a session for one
 * statement, and the next one may be another client's
 */
export async function limitStatements(client: ClientBase, timeoutMs: number): Promise<boolean> {
  const text = `select set_config('statement_timeout', $2, false), set_config('lock_timeout', $3, false)
    where pg_backend_pid() = $1::int`;
  const process = "processID" in client ? client.processID : null;
  const limits = [Math.ceil(timeoutMs * 0.9), Math.ceil(timeoutMs * 0.8)];
  const { rows } = await client.query(text, [process, ...limits]);
  return rows.length > 0;
}
