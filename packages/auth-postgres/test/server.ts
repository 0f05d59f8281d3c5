import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { type EmbeddedPostgres, type StartPostgresOptions, startPostgres } from "../src/embedded.ts";
import { type PostgresTokenStore, type PostgresTokenStoreOptions, postgresTokenStore } from "../src/index.ts";

/** A key as in a key file. */
export const newKey = (): string => randomBytes(32).toString("base64url");

export const REF = { platformUrl: "https://platform.example", workspaceId: "agent-7" };

/** An older version, as installed by `pnpm test:postgres`. */
function binariesOf(version: string | undefined): { readonly binaries?: string } {
  if (version === undefined) return {};
  const name = `postgres-${version}-${process.platform}-${process.arch}`;
  return {
    binaries: fileURLToPath(
      new URL(`../../../e2e/runtimes/engines/node_modules/${name}/native`, import.meta.url),
    ),
  };
}

let count = 0;

/** A schema name that no other test uses. */
export const newFleet = (): string => `fleet-${process.pid}-${count++}`;

/** A test file's server: started before its tests, stopped after them. */
export class TestServer {
  #postgres: EmbeddedPostgres | null = null;
  readonly #opened: (() => Promise<unknown>)[] = [];

  constructor(settings: StartPostgresOptions["settings"] = {}) {
    beforeAll(async () => {
      this.#postgres = await startPostgres({ settings, ...binariesOf(process.env.POSTGRES) });
    }, 60_000);
    afterAll(async () => {
      for (const close of this.#opened) await close();
      await this.#postgres?.stop();
    });
  }

  get postgres(): EmbeddedPostgres {
    if (this.#postgres === null) throw new Error("the server has not been started");
    return this.#postgres;
  }

  get url(): string {
    return this.postgres.url;
  }

  /** A store that is closed after the tests. */
  open(
    options: Partial<PostgresTokenStoreOptions> & { readonly keys: readonly string[] },
  ): PostgresTokenStore {
    const store = postgresTokenStore({ ...(options.pool === undefined && { url: this.url }), ...options });
    this.#opened.push(() => store.close());
    return store;
  }

  /** A store of a new fleet, with its tables. */
  async prepared(options: Partial<PostgresTokenStoreOptions> = {}) {
    const shared = { fleet: newFleet(), keys: [newKey()], ...options };
    const store = this.open(shared);
    await store.prepare();
    return { ...shared, store };
  }

  /** Runs a query as the superuser. */
  async query(text: string, values: unknown[] = []): Promise<pg.QueryResult> {
    const client = new pg.Client(this.url);
    await client.connect();
    try {
      return await client.query(text, values);
    } finally {
      await client.end();
    }
  }

  /** A role with only the permissions from the README. @returns its URL */
  async role(fleet: string): Promise<{ readonly name: string; readonly url: string }> {
    const name = `runner_${fleet.replaceAll("-", "_")}`;
    await this.query(`create role ${name} login password 'of-the-test'; grant usage on schema "${fleet}" to ${name};
      grant select, insert, update on "${fleet}".token to ${name}`);
    return { name, url: this.url.replace(/\/\/.*@/, `//${name}:of-the-test@`) };
  }
}
