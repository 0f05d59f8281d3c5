import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type EmbeddedPostgres, startPostgres } from "@x/auth-postgres/embedded";
import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { temporaryDirectory } from "../fleet-scene.ts";

/** A database server for one test file. */
export class TestPostgres {
  #postgres: EmbeddedPostgres | null = null;

  constructor(settings: Readonly<Record<string, string>> = {}) {
    beforeAll(async () => {
      this.#postgres = await startPostgres({ settings });
    }, 60_000);
    afterAll(() => this.#postgres?.stop());
  }

  get postgres(): EmbeddedPostgres {
    if (this.#postgres === null) throw new Error("the server has not been started");
    return this.#postgres;
  }

  get url(): string {
    return this.postgres.url;
  }

  /** As the superuser. */
  async query(text: string, values: unknown[] = []): Promise<pg.QueryResult> {
    const client = new pg.Client(this.url);
    await client.connect();
    try {
      return await client.query(text, values);
    } finally {
      await client.end();
    }
  }
}

/** The environment of a command, with a new fleet's key file and an empty database. */
export async function storeEnvironment(url: string) {
  const directory = await temporaryDirectory();
  const keyFile = join(directory, "store.key");
  const key = newKey();
  await writeFile(keyFile, `${key}\n`, { mode: 0o600 });
  return { directory, key, keyFile, env: { HEARTBEAT_STORE: url, HEARTBEAT_STORE_KEY_FILE: keyFile } };
}

export const newKey = (): string => randomBytes(32).toString("base64url");
