import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postgresTokenStore, readKeyFile } from "../src/index.ts";
import { newKey } from "./server.ts";

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "keys-"));
});
afterAll(() => rm(dir, { recursive: true }));

async function keyFile(text: string, mode = 0o600): Promise<string> {
  const path = join(dir, `${Math.random()}.key`);
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

const failure = (path: string) =>
  readKeyFile(path).then(
    () => expect.unreachable(),
    (error: Error) => error.message,
  );

describe("a key file", () => {
  it("contains one key per line; blank lines and comments are skipped", async () => {
    const keys = [newKey(), newKey()];
    const text = `# the new one\r\n${keys[0]}\r\n\n  ${keys[1]}  `;
    expect(await readKeyFile(await keyFile(text))).toEqual(keys);
    expect(await readKeyFile(await keyFile(`${keys[0]}\n`, 0o400))).toEqual([keys[0]]);
  });

  it.runIf(process.platform !== "win32")("is rejected if others can read or write it", async () => {
    for (const mode of [0o640, 0o604, 0o620, 0o602, 0o644, 0o666]) {
      const path = await keyFile(newKey(), mode);
      expect(await failure(path)).toBe(
        `The key file ${path} can be read or written by other users; chmod 600 ${path}, or for a mounted Secret set defaultMode: 0400.`,
      );
    }
  });

  it("is named in the error if it is missing or not a file", async () => {
    expect(await failure(join(dir, "none"))).toMatch(/does not exist; make one with: .*randomBytes\(32\)/);
    await mkdir(join(dir, "folder"), { mode: 0o700 });
    expect(await failure(join(dir, "folder"))).toMatch(/is not a regular file/);
  });

  it("of another system is taken with a byte order mark, and UTF-16 is named", async () => {
    const key = newKey();
    expect(await readKeyFile(await keyFile(`\ufeff${key}\r\n`))).toEqual([key]);
    const path = await keyFile("");
    for (const bytes of [Buffer.from(`\ufeff${key}`, "utf16le"), Buffer.from(key, "utf16le")]) {
      await writeFile(path, bytes);
      expect(await failure(path)).toBe(`The key file ${path} is UTF-16 text; save it as UTF-8.`);
    }
  });

  it("may be a link, like a mounted Secret", async () => {
    const key = newKey();
    await symlink(await keyFile(key), join(dir, "link"));
    expect(await readKeyFile(join(dir, "link"))).toEqual([key]);
  });

  it("with an invalid line is rejected with the line's number, not its content", async () => {
    const wrong = "Zm9ybWVybHktYS1zZWNyZXQ";
    for (const line of [wrong, `${newKey()}=`, `${newKey().slice(1)}+`, `${newKey()}A`]) {
      const message = await failure(await keyFile(`${newKey()}\n${line}\n`));
      expect(message).toMatch(/has an invalid key in line 2: a key is 32 bytes in base64url/);
      expect(message).not.toContain(line);
    }
    expect(await failure(await keyFile("# nothing\n\n"))).toMatch(/is empty/);
    expect(await failure(await keyFile("a".repeat(10_000)))).toMatch(/is too large/);
  });

  it.runIf(process.getuid?.() === 0)("of root is readable by another user through its group", async () => {
    const path = await keyFile(newKey(), 0o440);
    await chown(path, 1, 0);
    // It belongs neither to this user nor to root.
    expect(await failure(path)).toMatch(/chmod 600/);
  });
});

describe("the keys of a store", () => {
  const open = (keys: unknown) => () => postgresTokenStore({ url: "postgres://h/d", keys: keys as string[] });

  it("are required and valid", () => {
    expect(open([newKey()])).not.toThrow();
    for (const keys of [undefined, [], "x"])
      expect(open(keys)).toThrow(/^keys must contain at least one key/);
    expect(open([newKey(), "not-a-key-of-32-bytes"])).toThrow(/^keys\[1\] must be 32 bytes in base64url/);
    expect(open([newKey(), "not-a-key-of-32-bytes"])).not.toThrow(/not-a-key/);
  });

  it("are not read from a polluted prototype", () => {
    const polluted = Object.create({ keys: [newKey()], url: "postgres://h/d" });
    expect(() => postgresTokenStore(polluted)).toThrow(TypeError);
  });
});

describe("the options of a store", () => {
  const keys = [newKey()];

  it("require a URL or a pool, and no error contains its text", () => {
    expect(() => postgresTokenStore({ keys })).toThrow("Pass either url or pool.");
    for (const url of ["db.example", "mysql://u:secret-word@h/d", "postgres//u:secret-word@h"]) {
      expect(() => postgresTokenStore({ url, keys })).toThrow(/^url must be a PostgreSQL URL/);
      expect(() => postgresTokenStore({ url, keys })).not.toThrow(/secret-word/);
    }
  });

  it("require a fleet name that is a valid schema name", () => {
    for (const fleet of ["", "A", 'a"b', "pg_a", "a".repeat(49), "1"]) {
      expect(() => postgresTokenStore({ url: "postgres://h/d", keys, fleet })).toThrow(/^fleet must be/);
    }
  });

  it("require times in milliseconds", () => {
    for (const given of [{ timeoutMs: 0 }, { pollMs: Number.NaN }, { pollMs: 60_001 }]) {
      expect(() => postgresTokenStore({ url: "postgres://h/d", keys, ...given })).toThrow(
        /must be 100 to 60,000/,
      );
    }
  });

  it.each(["/", "#", "?"])("require a password's %j to be encoded, which would end the host", (cut) => {
    const url = (password: string) => `postgres://u:${password}@db.example/agents`;
    const opening = () => postgresTokenStore({ url: url(`12${cut}secret-word`), keys });
    expect(opening).toThrow(/^url must be a PostgreSQL URL.* Percent-encode special characters/);
    expect(opening).not.toThrow(/secret-word/);
    const encoded = url(`12${encodeURIComponent(cut)}secret-word`);
    expect(postgresTokenStore({ url: encoded, keys }).location).toMatch(
      /^PostgreSQL at db\.example, database agents,/,
    );
  });

  it("are shown without the user and the password", () => {
    const store = postgresTokenStore({
      url: "postgres://u:secret-word@db.example:5433/agents?sslmode=require",
      keys,
    });
    expect(store.location).toBe("PostgreSQL at db.example:5433, database agents, schema heartbeat");
    const socket = "postgres://u:secret-word@/agents?host=/run/postgresql";
    expect(postgresTokenStore({ url: socket, keys }).location).toBe(
      "PostgreSQL at /run/postgresql, database agents, schema heartbeat",
    );
    const { location } = store.storage({ platformUrl: "https://platform.example/", workspaceId: "a" });
    expect(location).toBe(`${store.location}, token of a (https://platform.example)`);
    const badlyEncoded = "postgres://u:secret-word@db.example/100%";
    expect(postgresTokenStore({ url: badlyEncoded, keys }).location).toMatch(/, database 100%, /);
  });
});
