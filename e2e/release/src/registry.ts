import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { run } from "./run.ts";
import { root } from "./workspace.ts";

const starter = fileURLToPath(new URL("verdaccio.cjs", import.meta.url));
const guard = fileURLToPath(new URL("guard.cjs", import.meta.url));

/** `NODE_OPTIONS` that preload the guard into a Node process and its children. */
export const preload = `--require ${JSON.stringify(guard)}`;

/** A local registry: our packages come only from here, all others from this machine's npm registry. */
export class Registry {
  readonly host: string;
  /** With a trailing slash. */
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #connections: string;

  private constructor(child: ChildProcess, port: number, connections: string) {
    this.#child = child;
    this.#connections = connections;
    this.host = `127.0.0.1:${port}`;
    this.url = `http://${this.host}/`;
  }

  static async start(folder: string): Promise<Registry> {
    await mkdir(folder, { recursive: true });
    const outside = (await run("npm", ["config", "get", "registry"], { cwd: root })).trim();
    const config = join(folder, "verdaccio.yaml");
    const connections = join(folder, "connections.log");
    await writeFile(connections, "");
    await writeFile(config, stringify(configuration(folder, outside)));
    const log = await open(join(folder, "verdaccio.log"), "w");
    const child = fork(starter, [config], {
      cwd: folder,
      env: { ...process.env, NODE_OPTIONS: preload, GUARD_LOG: connections, GUARD_ALLOW: "any" },
      stdio: ["ignore", log.fd, log.fd, "ipc"],
    });
    await log.close();
    const failed = once(child, "exit").then(async () => {
      throw new Error(`Verdaccio ended:\n${await readFile(join(folder, "verdaccio.log"), "utf8")}`);
    });
    const [{ port }] = await Promise.race([once(child, "message"), failed]);
    return new Registry(child, port, connections);
  }

  /** Creates the only account. @returns its token */
  async signUp(): Promise<string> {
    const name = "rehearsal";
    const password = randomBytes(16).toString("hex");
    const { token } = await this.#json<{ token: string }>(`-/user/org.couchdb.user:${name}`, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name, password }),
    });
    return token;
  }

  /** A package's metadata. */
  async metadata(name: string): Promise<Metadata> {
    return this.#json(name);
  }

  /** The targets that it has connected to so far. */
  async connections(): Promise<string[]> {
    return connectionsIn(await readFile(this.#connections, "utf8"));
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }

  async #json<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await fetch(new URL(path, this.url), init);
    if (!response.ok) throw new Error(`the registry returned ${response.status} for ${path}`);
    return response.json() as Promise<T>;
  }
}

export interface Metadata {
  readonly "dist-tags": Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, { dependencies?: Readonly<Record<string, string>> }>>;
}

export const connectionsIn = (log: string): string[] =>
  [...log.matchAll(/^connect (.+)$/gm)].map(([, target = ""]) => target);

function configuration(folder: string, outside: string) {
  return {
    storage: join(folder, "storage"),
    auth: { htpasswd: { file: join(folder, "htpasswd"), max_users: 1 } },
    uplinks: { outside: { url: outside } },
    packages: {
      // Our packages are never requested from, or published to, any other registry.
      "@x/*": { access: "$all", publish: "$authenticated" },
      "**": { access: "$all", proxy: "outside" },
    },
    web: { enable: false },
    log: { type: "stdout", format: "pretty", level: "http" },
  };
}
