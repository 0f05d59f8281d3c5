import { createHash } from "node:crypto";
import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withFaults } from "../../test/io.ts";
import { tokenDirectory } from "../../test/token-directory.ts";
import { A, ASIDE_A, ASIDE_B, B, configured, LIST, TOKEN_A, TOKEN_B } from "../../test/two-platforms.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { inspectTokenFile } from "./inspect-token-file.ts";

describe("another PLATFORM_URL over the same configs dir, and back again", () => {
  test("finds its own token each time, and never the other platform's", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A).write(TOKEN_A);
    expect(await configured(at.dir, B).read()).toBeNull();
    expect(at.text()).toBe(TOKEN_A);
    await configured(at.dir, B).write(TOKEN_B);
    expect(await configured(at.dir, B).read()).toBe(TOKEN_B);
    expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
    expect(await configured(at.dir, B).read()).toBe(TOKEN_B);
    expect(await configured(at.dir, "https://third.example").read()).toBeNull();
  });

  test("restores the token to the file, where Python finds it, and sets the other one aside", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A).write(TOKEN_A);
    await configured(at.dir, B).write(TOKEN_B);
    expect(at.text()).toBe(TOKEN_B);
    expect(at.names()).toEqual([".auth_token", LIST, ASIDE_A]);
    expect(await configured(at.dir, A).read()).toBe(TOKEN_A);
    expect(at.text()).toBe(TOKEN_A);
    expect(at.names()).toEqual([".auth_token", LIST, ASIDE_B]);
    for (const name of at.names()) expect(fs.statSync(join(at.dir, name)).mode & 0o777).toBe(0o600);
    expect(fs.readFileSync(join(at.dir, LIST), "utf8")).not.toContain("s3cr3t");
  });

  test("changes nothing with tighten: false, and uses the token from where it was set aside", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A).write(TOKEN_A);
    await configured(at.dir, B).write(TOKEN_B);
    const before = at.names().map((name) => [name, fs.statSync(join(at.dir, name)).ctimeMs]);
    expect(await configured(at.dir, A, { tighten: false }).read()).toBe(TOKEN_A);
    expect(at.names().map((name) => [name, fs.statSync(join(at.dir, name)).ctimeMs])).toEqual(before);
  });

  test("uses the token from where it was set aside if it cannot be restored", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A).write(TOKEN_A);
    await configured(at.dir, B).write(TOKEN_B);
    const rename = async () => {
      throw new Error("no");
    };
    const storage = fileTokenStorage({ configsDir: at.dir, platformUrl: A, io: withFaults({ rename }) });
    expect(await storage.read()).toBe(TOKEN_A);
    expect(at.text()).toBe(TOKEN_B);
  });

  test("works for a platform whose host name is as long as a file's name may be", async () => {
    const at = tokenDirectory();
    const origin = `https://${"a".repeat(60)}.${`${"b".repeat(60)}.`.repeat(3)}example`;
    const long = configured(at.dir, origin);
    expect(await long.read()).toBeNull();
    expect(await long.replace(null, TOKEN_A)).toBe(true);
    const b = configured(at.dir, B);
    expect(await b.read()).toBeNull();
    await b.write(TOKEN_B);
    // Named as by earlier versions, which may have written it.
    expect(at.names()).toContain(`.auth_token@${createHash("sha256").update(origin).digest("hex")}`);
    expect(await long.read()).toBe(TOKEN_A);
    expect(await b.read()).toBe(TOKEN_B);
    await long.remove();
    expect(await long.read()).toBeNull();
    expect(await b.read()).toBe(TOKEN_B);
  });

  test("emits one event, and is shown in the location and in the report", async () => {
    const at = tokenDirectory();
    await configured(at.dir, A).write(TOKEN_A);
    const b = configured(at.dir, B);
    for (let time = 0; time < 3; time += 1) expect(await b.read()).toBeNull();
    expect(b.events).toEqual([{ type: "token-file-of-other-platform", path: at.file, origin: A }]);
    expect(b.storage.location).toBe(`${at.file} (which holds a token of ${A})`);
    const inspect = (platformUrl: string) => inspectTokenFile({ configsDir: at.dir, platformUrl });
    expect(await inspect(B)).toMatchObject({ holdsToken: true, otherPlatform: A, problem: null });
    expect(await inspect(A)).toMatchObject({ holdsToken: true, otherPlatform: null });
    await b.write(TOKEN_B);
    expect(b.storage.location).toBe(at.file);
    expect(await inspect(B)).toMatchObject({ holdsToken: true, otherPlatform: null });
  });

  test("applies to the platform that a call names, whatever is configured", async () => {
    const { dir } = tokenDirectory();
    const storage = fileTokenStorage({ configsDir: dir, platformUrl: B });
    await storage.write(TOKEN_B);
    // A late response, after the platform was changed.
    await storage.write(TOKEN_A, { platformOrigin: A });
    expect(await storage.read()).toBe(TOKEN_B);
    expect(await storage.read({ platformOrigin: A })).toBe(TOKEN_A);
    expect(await storage.read({ platformOrigin: B })).toBe(TOKEN_B);
  });

  test("names a secret in its errors, not a token", async () => {
    const { dir } = tokenDirectory();
    const storage = fileTokenStorage({ configsDir: dir, fileName: ".platform_inbound_secret" });
    fs.mkdirSync(join(dir, ".platform_inbound_secret"));
    for (const call of [storage.read(), storage.write(TOKEN_A)]) {
      const failed = await call.catch(({ message }: Error) => message);
      expect(failed).toMatch(/^The secret (in|cannot be stored in) /);
      expect(failed).not.toContain("token");
    }
  });

  test("applies to a secret stored beside the token", async () => {
    const { dir, names } = tokenDirectory();
    const of = (platformUrl: string) =>
      fileTokenStorage({ configsDir: dir, platformUrl, fileName: ".platform_inbound_secret" });
    await of(A).write(TOKEN_A);
    expect(await of(B).read()).toBeNull();
    await of(B).write(TOKEN_B);
    expect(await of(A).read()).toBe(TOKEN_A);
    expect(names()).toContain(".platform_inbound_secret@http_127.0.0.1_8787");
  });
});

test.each([
  ["a trailing slash", "https://a.example/"],
  ["upper case", "HTTPS://A.Example"],
  ["the default port", "https://a.example:443"],
  ["a path", "https://a.example/base/path"],
])("the same platform with %s is the same platform", async (_how, spelt) => {
  const { dir, names } = tokenDirectory();
  await configured(dir, A).write(TOKEN_A);
  expect(await configured(dir, spelt).read()).toBe(TOKEN_A);
  await configured(dir, spelt).write(TOKEN_B);
  expect(await configured(dir, A).read()).toBe(TOKEN_B);
  expect(names()).toEqual([".auth_token", LIST]);
});

test.each(["http://a.example", "https://a.example:444", "https://b.a.example"])(
  "%s is another platform than https://a.example",
  async (other) => {
    const { dir } = tokenDirectory();
    await configured(dir, A).write(TOKEN_A);
    expect(await configured(dir, other).read()).toBeNull();
  },
);
