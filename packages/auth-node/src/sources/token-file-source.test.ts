import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { expect, it, onTestFinished, vi } from "vitest";
import { fsError } from "../../test/token-directory.ts";
import { poolFileSystem } from "../file/pool-file-system.ts";
import { tokenFileSource } from "./token-file-source.ts";

const TOKEN = "the-token-of-a-mounted-secret";

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "source-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

const failed = (why: string) => ({ code: "STORAGE_READ_FAILED", message: expect.stringContaining(why) });

it("returns the token without a byte order mark and white space, and later changes", async () => {
  const path = join(directory(), "token");
  writeFileSync(path, `\ufeff ${TOKEN}\r\n`);
  const source = tokenFileSource(path);
  expect(await source.read()).toBe(TOKEN);
  writeFileSync(path, "another-token-0123456789");
  expect(await source.read()).toBe("another-token-0123456789");
  expect(source.location).toBe(path);
});

/** A Secret as Kubernetes mounts it, with one version. */
function mountSecret() {
  const mount = directory();
  const publish = (version: string, token: string) => {
    mkdirSync(join(mount, version));
    writeFileSync(join(mount, version, "token"), token);
    symlinkSync(version, join(mount, "..data_tmp"));
    renameSync(join(mount, "..data_tmp"), join(mount, "..data"));
  };
  publish("..1", TOKEN);
  symlinkSync("..data/token", join(mount, "token"));
  return { mount, publish };
}

it("follows the links of a mounted Secret, also after a new version", async () => {
  const { mount, publish } = mountSecret();
  const source = tokenFileSource(join(mount, "token"));
  expect(await source.read()).toBe(TOKEN);
  publish("..2", "the-next-token-0123456789");
  expect(await source.read()).toBe("the-next-token-0123456789");
});

it("returns one of the two tokens if a mounted Secret is updated at any moment of the read", async () => {
  const next = "the-next-token-0123456789";
  for (let moment = 1, calls = moment; calls >= moment; moment += 1) {
    const { mount, publish } = mountSecret();
    calls = 0;
    const update = () => {
      calls += 1;
      if (calls !== moment) return;
      publish("..2", next);
      rmSync(join(mount, "..1"), { recursive: true });
    };
    const io = new Proxy(poolFileSystem, {
      get: (real, name) => {
        const call: unknown = Reflect.get(real, name);
        return (...args: unknown[]) => {
          update();
          return Reflect.apply(Object(call), real, args);
        };
      },
    });
    const token = await tokenFileSource(join(mount, "token"), { io }).read();
    expect([TOKEN, next], `updated before call ${moment}`).toContain(token);
  }
});

it("a missing file is an error, a blank one holds no token", async () => {
  const path = join(directory(), "token");
  await expect(tokenFileSource(path).read()).rejects.toMatchObject(failed("there is no such file"));
  await expect(tokenFileSource(join(path, "below")).read()).rejects.toMatchObject(failed("no such file"));
  writeFileSync(path, " \n");
  expect(await tokenFileSource(path).read()).toBeNull();
});

it("a file's name may be as long as the file system allows", async () => {
  const path = join(directory(), "t".repeat(255));
  const read = () =>
    tokenFileSource(path, { workspaceId: "agent" }).read({ platformOrigin: "https://platform.example" });
  await expect(read()).rejects.toMatchObject(failed("there is no such file"));
  writeFileSync(path, "");
  expect(await read()).toBeNull();
  writeFileSync(path, TOKEN);
  expect(await read()).toBe(TOKEN);
});

it.each([
  ["a directory", (path: string) => mkdirSync(path), "it is a directory"],
  ["a device", (path: string) => symlinkSync("/dev/zero", path), "it is a device"],
  ["more than any token", (path: string) => writeFileSync(path, "x".repeat(70_000)), "larger than any token"],
  ["several lines", (path: string) => writeFileSync(path, "a\nb"), "does not hold a token"],
])("is not a token: %s", async (_what, make, why) => {
  const path = join(directory(), "token");
  make(path);
  await expect(tokenFileSource(path).read()).rejects.toMatchObject(failed(why));
});

it("does not follow a link that others could have put there", async () => {
  const shared = directory();
  const secret = join(directory(), "token");
  writeFileSync(secret, TOKEN);
  symlinkSync(secret, join(shared, "token"));
  chmodSync(shared, 0o777);
  await expect(tokenFileSource(join(shared, "token")).read()).rejects.toMatchObject(failed("symbolic link"));
});

it("names the file that a broken disk does not read, or not in time", async () => {
  const path = join(directory(), "token");
  writeFileSync(path, " ");
  const stat = (fails: () => Promise<never>) => ({ io: { ...poolFileSystem, stat: fails } });
  const broken = tokenFileSource(
    path,
    stat(() => Promise.reject(fsError("EIO", "stat"))),
  );
  await expect(broken.read()).rejects.toMatchObject(failed(path));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const hanging = tokenFileSource(
    path,
    stat(() => new Promise(() => {})),
  );
  void hanging.read();
  const second = expect(hanging.read()).rejects.toMatchObject(failed("has not answered for 5 s"));
  await vi.advanceTimersByTimeAsync(5_000);
  await second;
});

it("works as a fallback of an Auth", async () => {
  const path = join(directory(), "token");
  writeFileSync(path, TOKEN);
  const auth = createAuth({
    storage: memoryTokenStorage(),
    platformUrl: "https://platform.example",
    fallback: [tokenFileSource(path)],
  });
  expect(await auth.authHeaders()).toMatchObject({ Authorization: `Bearer ${TOKEN}` });
});
