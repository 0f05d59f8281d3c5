import fs from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { startProgram } from "../../test/processes.ts";
import { built } from "../../test/storage/built.ts";
import { temporaryDirectory } from "../../test/support/directory.ts";
import { createFileStore } from "./file-store.ts";
import { builtFile } from "./own-file.ts";
import { refKey } from "./workspace-store.ts";

const ref = { platformOrigin: "http://127.0.0.1:1", workspaceId: "agent" };
const entry = pathToFileURL(builtFile("file-worker.js")).href;
/** So small that every few appends cause a rotation. */
const ROTATE_BYTES = 2_000;
const KILLS = 10;
/** Each kill starts a process, on a machine that may be busy. */
const TIMEOUT_MS = 90_000;

const openStore = (configsDir: string) => {
  const limits = { rotateBytes: ROTATE_BYTES };
  const store = createFileStore({ configsDir, env: {}, layout: "list", onEvent() {}, limits });
  onTestFinished(async () => void (await store.close()));
  return store;
};

/**
 * Runs a script with the store until it is killed at a random moment; returns the lines that it had printed by then.
 */
async function killedAtSomeInstant(storeUrl: string, configsDir: string, script: string): Promise<string[]> {
  const program = `import { writeSync } from "node:fs";
    import { createFileStore } from "${storeUrl}";
    const store = createFileStore({ configsDir: ${JSON.stringify(configsDir)}, env: {}, layout: "list", onEvent() {},
      entry: new URL("${entry}"), limits: { rotateBytes: ${ROTATE_BYTES} } });
    const say = (line) => writeSync(1, line + "\\n");
    ${script}`;
  const running = startProgram([process.execPath, "--input-type=module", "-e", program]);
  await running.printed(/./);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
  await running.stop("SIGKILL");
  return running.stdout().split("\n").slice(0, -1);
}

describe(`a runner killed ${KILLS} times`, () => {
  test("loses no result, and reports and delivers none twice", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const configsDir = temporaryDirectory();
    const storeUrl = await built("storage/file-store");
    const delivered = new Set<string>();
    const announced = new Set<string>();
    for (let time = 0; time < KILLS; time += 1) {
      const lines = await killedAtSomeInstant(
        storeUrl,
        configsDir,
        `const results = store.results(${JSON.stringify(ref)});
        const { delivered } = await results.load();
        // First checks what the previous script may have been doing when it was killed.
        for (let n = Math.max(0, delivered.length - 1); ; n += 1) {
          await results.append([{ id: "id-" + n, summary: "x".repeat(n % 150) }]);
          say("delivered id-" + n);
          if (n % 3 !== 0) continue;
          await results.markAnnounced(["id-" + n]);
          say("announced id-" + n);
        }`,
      );
      for (const line of lines) {
        const [what, id = ""] = line.split(" ");
        (what === "delivered" ? delivered : announced).add(id);
      }
      const found = await openStore(configsDir).results(ref).load();
      const newest = [...delivered].slice(-400);
      expect(newest.filter((id) => !found.delivered.includes(id))).toEqual([]);
      expect(found.unannounced.filter((id) => announced.has(id))).toEqual([]);
      const untold = newest.filter((id) => Number(id.slice(3)) % 3 !== 0);
      expect(untold.filter((id) => !found.unannounced.includes(id))).toEqual([]);
      const ids = idsIn(
        join(configsDir, "workspaces", "http_127.0.0.1_1", "agent", "delegation_results.jsonl"),
      );
      expect(ids).toEqual([...new Set(ids)]);
    }
    expect(delivered.size).toBeGreaterThan(KILLS);
  });

  test("has every spilled token, complete", { timeout: TIMEOUT_MS }, async () => {
    const configsDir = temporaryDirectory();
    const storeUrl = await built("storage/file-store");
    const saved = new Map<string, number>();
    for (let time = 0; time < KILLS; time += 1) {
      const lines = await killedAtSomeInstant(
        storeUrl,
        configsDir,
        `for (let n = 0; ; n += 1) {
          const id = "agent-" + (n % 7);
          const token = "token-${time}-" + n + "-" + "x".repeat((n * 97) % 3_000) + "-" + n;
          await store.spill({ platformOrigin: "http://127.0.0.1:1", workspaceId: id }).write(token);
          say(id + " " + n);
        }`,
      );
      saved.clear();
      for (const [id = "", n] of lines.map((line) => line.split(" "))) saved.set(id, Number(n));
      const store = openStore(configsDir);
      const spilled = await store.spilled();
      for (const [workspaceId, n] of saved) {
        const place = { ...ref, workspaceId };
        expect(spilled).toContain(refKey(place));
        const token = await store.spill(place).read();
        const parts = /^token-(\d+)-(\d+)-(x*)-(\d+)$/.exec(token ?? "") ?? [];
        expect(Number(parts[1])).toBe(time);
        // The next one may have been stored, too, before it could be printed.
        expect([n, n + 7]).toContain(Number(parts[2]));
        expect(parts[4]).toBe(parts[2]);
        expect(parts[3]).toHaveLength((Number(parts[2]) * 97) % 3_000);
      }
    }
  });
});

function idsIn(file: string): string[] {
  return fs
    .readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => /^\{"id":"([^"]+)"/.exec(line)?.[1] ?? []);
}
