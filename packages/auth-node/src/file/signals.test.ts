import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { withFaults } from "../../test/io.ts";
import { NEW, OLD, tokenDirectory } from "../../test/token-directory.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { poolFileSystem } from "./pool-file-system.ts";

describe("a signal", () => {
  const calls = [
    ["read", (storage: ReturnType<typeof fileTokenStorage>, signal: AbortSignal) => storage.read({ signal })],
    ["write", (storage, signal) => storage.write(NEW, { signal })],
    ["replace", (storage, signal) => storage.replace(OLD, NEW, { signal })],
    ["remove", (storage, signal) => storage.remove({ signal })],
    ["probe", (storage, signal) => storage.probe({ signal })],
  ] as [string, (storage: ReturnType<typeof fileTokenStorage>, signal: AbortSignal) => Promise<unknown>][];

  test.each(calls)("that is aborted before %s changes nothing", async (_name, call) => {
    const { dir, text } = tokenDirectory(OLD);
    const io = withFaults(
      Object.fromEntries(Object.keys(poolFileSystem).map((name) => [name, () => expect.unreachable(name)])),
    );
    const reason = new Error("too late");
    const storage = fileTokenStorage({ configsDir: dir, io });
    await expect(call(storage, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(text()).toBe(OLD);
  });

  test.each(calls)(
    "that is aborted at any step of %s leaves the old state or the new one",
    async (_name, call) => {
      for (let nth = 1, aborted = true; aborted; nth += 1) {
        const { dir, names } = tokenDirectory(OLD);
        const controller = new AbortController();
        const { signal } = controller;
        let steps = 0;
        const afterwards: string[] = [];
        const counted = Object.entries(poolFileSystem).map(
          ([name, real]: [string, (...args: never[]) => unknown]) => {
            const step = (...args: never[]) => {
              steps += 1;
              if (signal.aborted) afterwards.push(name);
              if (steps === nth) controller.abort(new Error("now"));
              return real(...args);
            };
            return [name, step];
          },
        );
        const platformUrl = "https://a.example";
        const storage = fileTokenStorage({
          configsDir: dir,
          platformUrl,
          io: withFaults(Object.fromEntries(counted)),
        });
        await call(storage, signal).catch((error: Error) => expect(error.message).toBe("now"));
        aborted = signal.aborted;
        // Runs only after the aborted operation has ended.
        await storage.read();
        const reading = ["stat", "open", "fstat", "read", "close"];
        const undone = afterwards.filter((name) => !["unlink", ...reading].includes(name));
        // Only steps that undo previous ones, and the steps of that read.
        expect(undone, `aborted at step ${nth}`).toEqual([]);
        expect([OLD, NEW, null]).toContain(await storage.read());
        expect(names().filter((name) => name.endsWith(".tmp"))).toEqual([]);
        expect(names().every((name) => [".auth_token", ".auth_token.origins"].includes(name))).toBe(true);
      }
    },
  );

  test("ends watching", async () => {
    const { dir } = tokenDirectory();
    const closed = vi.fn();
    const watch = vi.spyOn(fs, "watch");
    const controller = new AbortController();
    const storage = fileTokenStorage({ configsDir: dir });
    const changed = vi.fn();
    storage.watch(changed, { signal: controller.signal });
    await vi.waitFor(() => expect(watch).toHaveBeenCalled());
    for (const { value } of watch.mock.results) value.on("close", closed);
    controller.abort();
    await vi.waitFor(() => expect(closed).toHaveBeenCalled());
    fs.writeFileSync(join(dir, ".auth_token"), NEW);
    storage.watch(changed, { signal: AbortSignal.abort() });
    await storage.read();
    expect(changed).not.toHaveBeenCalled();
    watch.mockRestore();
  });
});
