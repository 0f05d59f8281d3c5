import fs from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createNodeAuth, fileTokenStorage } from "@x/auth-node";
import { blocking, flushDirectory, saveAsynchronously, saveWithBareCalls, waiting } from "../bare-calls.ts";
import { serveTasks } from "../children.ts";
import { peerSaves, type Save } from "../peers/files.ts";
import { READ, SAVE } from "../row-names.ts";
import { interleave, milliseconds } from "../stats.ts";

/** Times saving and reading a token, in milliseconds, by name. */
export interface SaveTask {
  readonly directory: string;
  readonly saves: number;
  readonly reads: number;
}

export interface SaveAnswer {
  readonly saves: [string, readonly number[]][];
  /** The directory flush's part of the floor, in each round. */
  readonly directoryFlushes: readonly number[];
  readonly reads: [string, readonly number[]][];
}

async function timeSaves(directoryFor: (name: string) => string, rounds: number) {
  const directoryFlushes: number[] = [];
  const storage = fileTokenStorage({ configsDir: directoryFor("ours-write") });
  const auth = createNodeAuth({ configsDir: directoryFor("ours-save"), env: {} });
  const all = new Map<string, Save>([
    [SAVE.write, (token) => storage.write(token)],
    [SAVE.save, (token) => auth.saveToken(token)],
    ...peerSaves(directoryFor),
  ]);
  const flushed = directoryFor("any");
  const timed = new Map<string, () => Promise<number>>();
  for (const [name, save] of all) {
    timed.set(name, () => milliseconds(() => save(nextToken())));
  }
  const bare = (name: string) => join(directoryFor(name), ".auth_token");
  timed.set(SAVE.floor, async () => {
    const { all: took, directory } = await saveAsynchronously(bare("floor"), nextToken());
    directoryFlushes.push(directory);
    return took;
  });
  timed.set(SAVE.fsyncOnly, async () => (await saveWithBareCalls(bare("fsync"), nextToken(), waiting)).all);
  timed.set(
    SAVE.blocking,
    async () => (await saveWithBareCalls(bare("blocking"), nextToken(), blocking)).all,
  );
  for (const [name, measure] of timed) {
    timed.set(name, async () => {
      // No save pays for unflushed data of the previous one.
      await flushDirectory(flushed, waiting);
      return measure();
    });
  }
  return { saves: [...(await interleave(timed, rounds))], directoryFlushes };
}

let turn = 0;

/** Always a different token: a token that is already stored is not written again. */
function nextToken(): string {
  turn += 1;
  return `token-${String(turn).padStart(37, "0")}`;
}

async function timeReads(configsDir: string, rounds: number) {
  const path = join(configsDir, ".auth_token");
  fs.writeFileSync(path, nextToken(), { mode: 0o600 });
  // A recently changed file may still be being written, and is read twice.
  await new Promise((resolve) => setTimeout(resolve, 200));
  const storage = fileTokenStorage({ configsDir });
  const auth = createNodeAuth({ configsDir, env: {} });
  const timed = new Map([
    [READ.floor, () => milliseconds(async () => (await readFile(path, "utf8")).trim())],
    [READ.read, () => milliseconds(() => storage.read())],
    [READ.cold, () => milliseconds(() => auth.refreshCache())],
  ]);
  await interleave(timed, Math.ceil(rounds / 10));
  return [...(await interleave(timed, rounds))];
}

serveTasks(async ({ directory, saves, reads }: SaveTask): Promise<SaveAnswer> => {
  const directoryFor = (name: string) => {
    const path = join(directory, name);
    fs.mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };
  const saved = await timeSaves(directoryFor, saves);
  return { ...saved, reads: await timeReads(directoryFor("read"), reads) };
});
