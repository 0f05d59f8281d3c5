import { inspect } from "node:util";
import { isAuthError } from "@x/auth-core";
import { describe, expect, it } from "vitest";
import { firstLayout, SECRET, start } from "../../test/first-layout.ts";
import { fsError, NEW, OLD, tokenDirectory } from "../../test/token-directory.ts";
import { A, B, configured, TOKEN_A, TOKEN_B } from "../../test/two-platforms.ts";
import type { FileSystem } from "./file-system.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { poolFileSystem } from "./pool-file-system.ts";

type Storage = ReturnType<typeof fileTokenStorage>;

interface Scene {
  readonly root: string;
  act(io: FileSystem): Promise<unknown>;
  /** What a process with a healthy disk finds afterwards. */
  find(): Promise<unknown>;
  /** All that it may find; the last one if the operation claims success. */
  readonly allowed: readonly unknown[];
}

/** The real file system, of which one call fails. */
function failingOnce(nth: number, code: string) {
  let calls = 0;
  const failing = Object.entries(poolFileSystem).map(
    ([name, real]: [string, (...args: never[]) => Promise<unknown>]) => [
      name,
      async (...args: never[]) => {
        calls += 1;
        if (calls === nth) throw fsError(code, name);
        return real(...args);
      },
    ],
  );
  return { io: Object.fromEntries(failing) as FileSystem, wasReached: () => calls >= nth };
}

const alone =
  (act: (storage: Storage) => Promise<unknown>, allowed: readonly unknown[], stored?: string) =>
  (): Scene => {
    const { dir } = tokenDirectory(stored);
    return {
      root: dir,
      act: (io) => act(fileTokenStorage({ configsDir: dir, platformUrl: A, io })),
      find: () => fileTokenStorage({ configsDir: dir, platformUrl: A }).read(),
      allowed,
    };
  };

async function two(act: (storage: Storage) => Promise<unknown>, ...allowed: unknown[]): Promise<Scene> {
  const { dir } = tokenDirectory();
  await configured(dir, A).write(TOKEN_A);
  await configured(dir, B).write(TOKEN_B);
  return {
    root: dir,
    act: (io) => act(fileTokenStorage({ configsDir: dir, platformUrl: A, io })),
    find: async () => [await configured(dir, A).read(), await configured(dir, B).read()],
    allowed,
  };
}

function migration(): Scene {
  const { root } = firstLayout();
  const secret = async () => (await start(root, A, { fileName: ".platform_inbound_secret" })).token;
  return {
    root,
    act: (io) => start(root, A, { io }),
    find: async () => [(await start(root, A)).token, await secret()],
    allowed: [[OLD, SECRET]],
  };
}

const SCENES: [string, () => Scene | Promise<Scene>][] = [
  ["a read", alone((storage) => storage.read(), [OLD], OLD)],
  ["a save", alone((storage) => storage.write(NEW), [OLD, NEW], OLD)],
  ["a first save", alone((storage) => storage.write(NEW), [null, NEW])],
  ["a replacement", alone((storage) => storage.replace(OLD, NEW), [OLD, NEW], OLD)],
  ["a first token", alone((storage) => storage.replace(null, NEW), [null, NEW])],
  ["a removal", alone((storage) => storage.remove(), [OLD, null], OLD)],
  ["a probe", alone((storage) => storage.probe(), [OLD], OLD)],
  ["a read at another platform", () => two((storage) => storage.read(), [TOKEN_A, TOKEN_B])],
  [
    "a save at another platform",
    () => two((storage) => storage.write(NEW), [TOKEN_A, TOKEN_B], [NEW, TOKEN_B]),
  ],
  ["the adoption of a first layout", migration],
];

describe.each(SCENES)("%s of which any one call fails", (_name, prepare) => {
  it.each(["EIO", "EPERM", "EMFILE"])("with %s loses no token, and names the file", async (code) => {
    for (let nth = 1, wasReached = true; wasReached; nth += 1) {
      const { root, act, find, allowed } = await prepare();
      const disk = failingOnce(nth, code);
      const error: unknown = await act(disk.io).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      wasReached = disk.wasReached();
      if (error !== null) {
        expect(isAuthError(error), `call ${nth}: ${String(error)}`).toBe(true);
        expect(String(error)).toContain(root);
        expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3cr3t");
      }
      expect(error === null ? allowed.slice(-1) : allowed, `after call ${nth}`).toContainEqual(await find());
    }
  });
});
