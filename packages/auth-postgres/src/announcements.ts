import { randomUUID } from "node:crypto";
import { AuthError } from "@x/auth-core";
import type { PostgresClient } from "./client.ts";
import type { Database } from "./database.ts";
import { quoted } from "./schema.ts";

/** How long a session may be silent before it is checked. */
const CHECK_MS = 10_000;
/** How long an announcement to itself may take. */
const ECHO_MS = 3_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;

export interface AnnouncementsOptions {
  readonly database: Database;
  readonly channel: string;
  readonly onAnnouncement: (payload: string) => void;
  /** Announcements arrive from now on; earlier ones were missed. */
  readonly onReached: () => void;
  readonly onLost: (error: unknown) => void;
}

/** Listens to a channel over a dedicated connection, which is reopened when it breaks. */
export class Announcements {
  readonly #options: AnnouncementsOptions;
  #isStopped = false;
  #wake: () => void = () => {};
  #release: (() => void) | null = null;

  constructor(options: AnnouncementsOptions) {
    this.#options = options;
    void this.#run();
  }

  stop(): void {
    this.#isStopped = true;
    this.#release?.();
    this.#wake();
  }

  async #run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.#isStopped) {
      const heard = await this.#listen().catch((error: unknown) => {
        if (!this.#isStopped) this.#options.onLost(error);
        return false;
      });
      if (heard) pauseMs = FIRST_PAUSE_MS;
      // After a server restart, many processes should not reconnect at the same moment.
      await this.#pause(pauseMs * (0.5 + Math.random()));
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
  }

  /** Settles with true if announcements arrived until the connection broke. */
  async #listen(): Promise<boolean> {
    const { database, channel, onAnnouncement, onReached, onLost } = this.#options;
    const client = await database.hold();
    let isReached = false;
    let hasEnded = this.#isStopped;
    const end = () => {
      // A released connection ends later, when the next one may already be open.
      if (hasEnded) return;
      hasEnded = true;
      this.#wake();
    };
    client.on("error", end);
    client.on("end", end);
    this.#release = () => {
      this.#release = null;
      client.release(true);
      end();
    };
    const echo = randomUUID();
    const heardEcho = new Promise<void>((resolve) => {
      client.on("notification", ({ payload = "" }) => {
        if (payload === echo) resolve();
        else onAnnouncement(payload);
      });
    });
    try {
      // A pooler accepts LISTEN but assigns the session to other clients.
      if (!(await database.hasOwnProcess(client))) notHeard();
      await this.#ask(client, `listen ${quoted(channel)}`);
      await this.#ask(client, `select pg_notify('${channel}', '${echo}')`);
      await Promise.race([heardEcho, this.#pause(ECHO_MS).then(notHeard)]);
      isReached = true;
      onReached();
      while (!hasEnded) {
        await this.#pause(CHECK_MS);
        // A half-open connection receives nothing and reports no error.
        if (!hasEnded) await this.#ask(client, "select 1");
      }
    } catch (error) {
      if (!this.#isStopped) onLost(error);
      return isReached;
    } finally {
      this.#release?.();
    }
    if (!this.#isStopped) onLost(new Error("the connection broke"));
    return isReached;
  }

  #ask(client: PostgresClient, text: string): Promise<unknown> {
    return this.#options.database.within(client.query({ text }));
  }

  #pause(ms: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function notHeard(): never {
  throw new AuthError(
    "STORAGE_READ_FAILED",
    "The server does not announce changes on this connection, as behind PgBouncer in transaction mode; they are found by polling.",
  );
}
