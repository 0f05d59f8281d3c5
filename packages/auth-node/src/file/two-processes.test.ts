import { expect, test } from "vitest";
import { runModule } from "../../test/child.ts";
import { withFaults } from "../../test/io.ts";
import { temporaryDirectory } from "../../test/token-directory.ts";
import { A, B, configured, TOKEN_A, TOKEN_B, TOKEN_B2 } from "../../test/two-platforms.ts";
import { fileTokenStorage } from "./file-token-storage.ts";
import { poolFileSystem } from "./pool-file-system.ts";

/** Another process, of platform B, saves its next token. */
function saveElsewhere(dir: string): void {
  runModule(`
    import { fileTokenStorage } from "@x/auth-node";
    const storage = fileTokenStorage(${JSON.stringify({ configsDir: dir, platformUrl: B })});
    await storage.write(${JSON.stringify(TOKEN_B2)});
    answer(true);`);
}

/** The storage of a process of platform A, during whose nth flush the other one saves. */
function overtaken(dir: string, nth: number) {
  let flushes = 0;
  const io = withFaults({
    async fsync(fd) {
      await poolFileSystem.fsync(fd);
      flushes += 1;
      if (flushes === nth) saveElsewhere(dir);
    },
  });
  const storage = fileTokenStorage({ configsDir: dir, platformUrl: A, io });
  return { storage, isOvertaken: () => flushes >= nth };
}

test.each<
  [string, (dir: string) => Promise<unknown>, (storage: ReturnType<typeof fileTokenStorage>) => unknown]
>([
  ["saves its first token", async () => {}, (storage) => storage.write(TOKEN_A)],
  ["creates its first token", async () => {}, (storage) => storage.replace?.(null, TOKEN_A)],
  ["saves over the other's", (dir) => configured(dir, B).write(TOKEN_B), (storage) => storage.write(TOKEN_A)],
  [
    "restores its token on a read",
    async (dir) => {
      await configured(dir, A).write(TOKEN_A);
      await configured(dir, B).write(TOKEN_B);
    },
    (storage) => storage.read(),
  ],
])(
  "a process that %s while another platform's process saves, too: each finds its own",
  async (_, before, act) => {
    for (let nth = 1; ; nth += 1) {
      const dir = temporaryDirectory();
      await before(dir);
      const { storage, isOvertaken } = overtaken(dir, nth);
      await act(storage);
      if (!isOvertaken()) break;
      const found = await Promise.all(
        [A, B].map((origin) => configured(dir, origin, { tighten: false }).read()),
      );
      expect(found, `overtaken at flush ${nth}`).toEqual([TOKEN_A, TOKEN_B2]);
    }
  },
);
