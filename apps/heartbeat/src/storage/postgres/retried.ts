import { sqlState } from "./database-error.ts";

const MOST_TRIES = 20;

/**
 * Repeats a statement that failed because another session changed a row first. This happens only if the database's
 * default isolation level is stricter than PostgreSQL's own.
 */
export async function retried<T>(statement: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await statement();
    } catch (error) {
      if (sqlState(error) !== "40001" || tries === MOST_TRIES) throw error;
    }
  }
}
