import { expect, it, onTestFinished, vi } from "vitest";
import { tokenDirectory } from "../../test/token-directory.ts";
import { fileTokenStorage } from "./file-token-storage.ts";

/** There, a timer is a number, and there is neither `setImmediate` nor `TextDecoder`. */
it("works in Jest's jsdom environment", async () => {
  const { setInterval, setTimeout } = globalThis;
  onTestFinished(() => void vi.unstubAllGlobals());
  vi.stubGlobal("setImmediate", undefined);
  vi.stubGlobal("TextDecoder", undefined);
  vi.stubGlobal("setInterval", (act: () => void, ms: number) => Number(setInterval(act, ms)));
  vi.stubGlobal("setTimeout", (act: () => void, ms: number) => Number(setTimeout(act, ms)));
  const { dir: configsDir } = tokenDirectory();
  const options = { configsDir, platformUrl: "https://platform.example" };
  const storage = fileTokenStorage(options);
  const changed = vi.fn();
  const stop = storage.watch(changed);
  await Promise.all(["one", "two", "three"].map((token) => storage.write(token)));
  expect(await storage.read()).toBe("three");
  await fileTokenStorage(options).write("four");
  await vi.waitFor(() => expect(changed).toHaveBeenCalled());
  stop();
});
