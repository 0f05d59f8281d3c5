import { createRequire } from "node:module";
import type * as AuthPostgres from "@x/auth-postgres";
import type * as Embedded from "@x/auth-postgres/embedded";

/** As its users have it, along with the driver: resolved from its own folder, because the bench does not install it. */
const require = createRequire(new URL("../../packages/auth-postgres/package.json", import.meta.url));

/** The part of the driver that is used here. */
interface Driver {
  readonly Pool: new (options: {
    connectionString: string;
    max: number;
  }) => {
    query(text: string, values: unknown[]): Promise<unknown>;
    on(event: "error", listener: () => void): void;
    end(): Promise<void>;
  };
}

export const pg: Driver = require("pg");
export const { postgresTokenStore }: typeof AuthPostgres = require("@x/auth-postgres");
export const { startPostgres }: typeof Embedded = require("@x/auth-postgres/embedded");
