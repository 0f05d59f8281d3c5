import { setTimeout as sleep } from "node:timers/promises";
import type { Signal } from "@x/auth-core";
import { Call } from "./call.ts";
import { ignoreErrors, type PostgresClient, type PostgresPool, processOf } from "./client.ts";
import { kindOf, TimeoutError } from "./errors.ts";

export interface QueryOptions {
  readonly signal?: Signal | undefined;
  /**
   * What an abort does to a statement that was already sent. `read`: stops waiting for the result. `write`: keeps
   * waiting, because the statement may be carried out.
   */
  readonly access: "read" | "write";
}

const SERIALIZATION_FAILURE = "40001";
const ROW_HELD = "55P03";
const FIRST_PAUSE_MS = 10;

export type Row = Readonly<Record<string, unknown>>;

/** Runs statements, each with a time limit. */
export class Database {
  readonly #pool: PostgresPool;
  readonly #timeoutMs: number;
  readonly #session: string | undefined;
  readonly #prepared = new WeakSet<PostgresClient>();

  constructor(
    pool: PostgresPool,
    options: {
      readonly timeoutMs: number;
      /** A statement run once on each new connection. Its only parameter is that of `processOf`. */
      readonly session?: string;
    },
  ) {
    this.#pool = pool;
    this.#timeoutMs = options.timeoutMs;
    this.#session = options.session;
  }

  async query(text: string, values: readonly unknown[], options: QueryOptions): Promise<readonly Row[]> {
    const { signal } = options;
    const startedAt = performance.now();
    for (;;) {
      const result = await this.use(
        (client) => this.#query(client, { text, values: [...values] }, signal),
        options,
      );
      if (!(result instanceof Error)) return result;
      const waitedMs = performance.now() - startedAt;
      if (waitedMs > this.#timeoutMs / 2) throw result;
      // Waits without a connection: a session may hold many rows for hours, and other rows need the connections. At
      // random: those who wait for the same row would else all come back at once, and all but one in vain.
      const pauseMs = Math.random() * (FIRST_PAUSE_MS + waitedMs / 4);
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
      if (signal?.aborted) throw signal.reason;
    }
  }

  /** Returns the error if another session holds the row. */
  async #query(
    client: PostgresClient,
    query: { text: string; values: unknown[] },
    signal: Signal | undefined,
  ): Promise<readonly Row[] | Error> {
    for (;;) {
      try {
        return (await client.query(query)).rows as readonly Row[];
      } catch (error) {
        const { code } = kindOf(error);
        if (code === ROW_HELD && error instanceof Error) return error;
        // Another session changed the row first, and the server's default isolation level rejects this change.
        if (code !== SERIALIZATION_FAILURE) throw error;
        if (signal?.aborted) throw signal.reason;
      }
    }
  }

  /**
   * Runs work on a dedicated connection. After a failure or timeout the connection is closed, because its state is
   * unknown. At most half of the time limit is spent waiting for a connection: a statement sent with little time left
   * would cost the connection, and while many wait, opening new ones would make all of them wait longer.
   */
  async use<T>(work: (client: PostgresClient) => Promise<T>, { signal, access }: QueryOptions): Promise<T> {
    if (signal?.aborted) throw signal.reason;
    const call = new Call();
    const working = this.#work(work, call);
    return new Promise<T>((resolve, reject) => {
      const end = (reason: unknown) => {
        call.giveUp();
        reject(reason);
      };
      const timer = setTimeout(() => end(new TimeoutError(this.#timeoutMs)), this.#timeoutMs);
      const halfMs = this.#timeoutMs / 2;
      const waiting = setTimeout(() => {
        if (!call.isHeld) end(new TimeoutError(halfMs));
      }, halfMs);
      const abort = () => {
        if (access === "read" || !call.isSent) end(signal?.reason);
      };
      signal?.addEventListener("abort", abort);
      working.then(resolve, reject).finally(() => {
        clearTimeout(timer);
        clearTimeout(waiting);
        signal?.removeEventListener("abort", abort);
      });
    });
  }

  /** Opens a connection for long use; the caller releases it. */
  async hold(): Promise<PostgresClient> {
    const connecting = this.#pool.connect();
    try {
      const client = await this.within(connecting);
      ignoreErrors(client);
      return client;
    } catch (error) {
      connecting.then((client) => client.release(true)).catch(() => {});
      throw error;
    }
  }

  /** Whether statements on this connection are all carried out by one server process, as `processOf` tells. */
  async hasOwnProcess(client: PostgresClient): Promise<boolean> {
    const process = processOf(client);
    if (process === null) return true;
    const { rows } = await this.within(
      client.query({ text: "select pg_backend_pid() = $1::int as own", values: [process] }),
    );
    return (rows as readonly Row[])[0]?.own === true;
  }

  /** Waits at most a statement's time limit. A later result is ignored. */
  async within<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new TimeoutError(this.#timeoutMs)), this.#timeoutMs);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
      work.catch(() => {});
    }
  }

  async #work<T>(work: (client: PostgresClient) => Promise<T>, call: Call): Promise<T> {
    const client = await this.#pool.connect();
    call.hold(client);
    try {
      if (this.#session !== undefined && !this.#prepared.has(client)) {
        await client.query({ text: this.#session, values: [processOf(client)] });
        this.#prepared.add(client);
      }
      call.send();
      const result = await work(client);
      call.end();
      return result;
    } catch (error) {
      call.giveUp();
      throw error;
    }
  }
}
