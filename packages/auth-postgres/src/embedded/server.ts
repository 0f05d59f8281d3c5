import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { checkBinaries, findBinaries, installBinaries } from "./binaries.ts";
import { killTree } from "./kill-tree.ts";
import { isRoot, NOBODY, type Program, startProgram } from "./programs.ts";

const START_MS = 60_000;
const STOP_MS = 20_000;
const PORTS_TRIED = 5;

/** Small, but as durable as any other server. */
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  shared_buffers: "16MB",
  max_connections: 100,
};

/** A server with its own directory, which is deleted with it. */
export class Server {
  readonly #base: string;
  readonly #settings: Readonly<Record<string, string | number>>;
  readonly #password = randomBytes(18).toString("base64url");
  #port = 0;
  #program: Program | null = null;
  #pid: number | null = null;

  private constructor(base: string, settings: Readonly<Record<string, string | number>>) {
    this.#base = base;
    this.#settings = { ...SETTINGS, ...settings };
  }

  static async create(
    binaries: string = findBinaries(),
    settings: Readonly<Record<string, string | number>> = {},
  ): Promise<Server> {
    if (process.platform === "win32") {
      throw new Error("An embedded PostgreSQL requires Linux or macOS; use a server's URL instead.");
    }
    await checkBinaries(binaries);
    const base = await mkdtemp(join(tmpdir(), "postgres-"));
    const server = new Server(base, settings);
    try {
      // Others, such as `nobody`, may enter it. Its data is in a separate directory.
      await chmod(base, 0o755);
      await installBinaries(binaries, join(base, "native"));
      await server.#initialize();
      return server;
    } catch (error) {
      await server.remove();
      throw error;
    }
  }

  get url(): string {
    return `postgres://postgres:${this.#password}@127.0.0.1:${this.#port}/postgres`;
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number | null {
    return this.#pid;
  }

  async start(): Promise<void> {
    const isFirst = this.#port === 0;
    for (let tried = 1; ; tried += 1) {
      if (isFirst) this.#port = await freePort();
      const complaint = await this.#startOn(this.#port);
      if (complaint === null) return;
      // Another process may have taken the port in the meantime.
      const isTaken = complaint.includes("could not bind");
      if (!isFirst || !isTaken || tried === PORTS_TRIED) {
        throw new Error(`PostgreSQL did not start: ${complaint || "it gave no reason"}`);
      }
    }
  }

  /** Shuts it down cleanly and disconnects all clients. */
  async shutDown(): Promise<void> {
    const program = this.#program;
    if (program === null || this.#pid === null) return;
    process.kill(this.#pid, "SIGINT");
    const late = new AbortController();
    const isDown = await Promise.race([
      program.ended.then(() => true),
      sleep(STOP_MS, false, { signal: late.signal }).catch(() => false),
    ]);
    late.abort();
    if (!isDown) await this.kill();
  }

  async kill(): Promise<void> {
    const program = this.#program;
    if (program === null || this.#pid === null) return;
    await killTree(this.#pid);
    await program.ended;
    // Left by the killed server; it would prevent the next one from starting.
    await rm(join(this.#data, "postmaster.pid"), { force: true });
  }

  async remove(): Promise<void> {
    await rm(this.#base, { recursive: true, force: true, maxRetries: 3 });
  }

  get #data(): string {
    return join(this.#base, "data");
  }

  async #initialize(): Promise<void> {
    const passwordFile = join(this.#base, "password");
    await mkdir(this.#data, { mode: 0o700 });
    await writeFile(passwordFile, this.#password, { mode: 0o600 });
    if (isRoot) for (const path of [this.#data, passwordFile]) await chown(path, NOBODY, NOBODY);
    const program = startProgram(this.#base, [
      "initdb",
      `--pgdata=${this.#data}`,
      "--username=postgres",
      "--auth=scram-sha-256",
      `--pwfile=${passwordFile}`,
      "--encoding=UTF8",
      "--locale=C",
      "--no-sync",
    ]);
    const { code } = await program.ended.catch((error: NodeJS.ErrnoException) => {
      const user = isRoot ? ` as user ${NOBODY}, because it refuses to run as root` : "";
      throw new Error(
        `PostgreSQL cannot be run in ${this.#base}${user} (${error.code}); set TMPDIR to a directory that this user may enter.`,
      );
    });
    if (code !== 0) throw new Error(`PostgreSQL's initdb failed: ${program.complaint()}`);
    await rm(passwordFile);
  }

  /** @returns why it did not start; `null` if it did */
  async #startOn(port: number): Promise<string | null> {
    const settings = Object.entries({ ...this.#settings, port }).flatMap(([name, value]) => [
      "-c",
      `${name}=${value}`,
    ]);
    const program = startProgram(this.#base, ["postgres", "-D", this.#data, ...settings], { isOwned: true });
    let hasEnded = false;
    program.ended
      .catch(() => {})
      .finally(() => {
        hasEnded = true;
        if (this.#program === program) this.#program = this.#pid = null;
      });
    this.#program = program;
    for (const until = performance.now() + START_MS; performance.now() < until; await sleep(20)) {
      if (hasEnded) return program.complaint();
      const [pid, , , , , , , status] = (await this.#pidFile()).split("\n");
      if (status?.trim() !== "ready") continue;
      this.#pid = Number(pid);
      return null;
    }
    program.child.stdin?.destroy();
    return `it was not ready after ${START_MS / 1_000} s. ${program.complaint()}`;
  }

  #pidFile(): Promise<string> {
    return readFile(join(this.#data, "postmaster.pid"), "utf8").catch(() => "");
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port was assigned");
  return address.port;
}
