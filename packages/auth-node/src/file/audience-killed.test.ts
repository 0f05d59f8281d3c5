import fs from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { killedBefore } from "../../test/killed.ts";
import { type TokenDirectory, tokenDirectory } from "../../test/token-directory.ts";
import type { FileSystem } from "./file-system.ts";
import { fileTokenStorage } from "./file-token-storage.ts";

const A = "https://a.example";
const B = "http://127.0.0.1:8787";
const ORIGINS = [A, B];

const open = (dir: string, platformUrl: string, io?: FileSystem) =>
  fileTokenStorage({ configsDir: dir, platformUrl, ...(io && { io }) });

/** What each platform's next process finds. Changes nothing. */
async function findTokens(dir: string): Promise<Record<string, string | null>> {
  const found: Record<string, string | null> = {};
  for (const platformUrl of ORIGINS) {
    found[platformUrl] = await fileTokenStorage({ configsDir: dir, platformUrl, tighten: false }).read();
  }
  return found;
}

describe("killed at each step of a change from one platform to another and back", () => {
  /** The third of three steps is the one killed. */
  const changes: [
    string,
    (at: TokenDirectory) => Promise<void>,
    (dir: string, io: FileSystem) => Promise<unknown>,
    string,
  ][] = [
    [
      "saving B's first token over A's",
      (at) => open(at.dir, A).write("token-a"),
      (dir, io) => open(dir, B, io).write("token-b"),
      "token-b",
    ],
    [
      "saving B's next token over A's, with B's previous one set aside",
      async (at) => {
        await open(at.dir, B).write("token-b-before");
        await open(at.dir, A).write("token-a");
      },
      (dir, io) => open(dir, B, io).write("token-b"),
      "token-b",
    ],
    [
      "restoring B's token on a read",
      async (at) => {
        await open(at.dir, B).write("token-b");
        await open(at.dir, A).write("token-a");
      },
      (dir, io) => open(dir, B, io).read(),
      "token-b",
    ],
  ];

  test.each(changes)(
    "%s: each platform finds its old token or its new one",
    async (_what, prepare, change, after) => {
      for (let nth = 1, died = true; died; nth += 1) {
        const at = tokenDirectory();
        await prepare(at);
        const before = await findTokens(at.dir);
        const killed = killedBefore(nth);
        await change(at.dir, killed.io).catch(() => {});
        died = killed.died();
        const found = await findTokens(at.dir);
        expect(found[A], `killed at step ${nth}`).toBe("token-a");
        expect([before[B], after], `killed at step ${nth}`).toContain(found[B]);
        if (!died) expect(found[B]).toBe(after);
        // And the next save completes the change.
        await open(at.dir, B).write("token-b-next");
        expect(await findTokens(at.dir)).toEqual({ [A]: "token-a", [B]: "token-b-next" });
      }
    },
  );

  test.each(changes)(
    "%s, while Python writes the file: no token is sent to the wrong platform",
    async (_what, prepare, change) => {
      for (let nth = 1, died = true; died; nth += 1) {
        const at = tokenDirectory();
        await prepare(at);
        const killed = killedBefore(nth);
        await change(at.dir, killed.io).catch(() => {});
        died = killed.died();
        fs.writeFileSync(at.file, "token-from-python", { mode: 0o600 });
        const found = await findTokens(at.dir);
        // It belongs to the configured platform, whichever that is.
        expect(found).toEqual({ [A]: "token-from-python", [B]: "token-from-python" });
        await open(at.dir, B).write("token-b-next");
        expect((await findTokens(at.dir))[B]).toBe("token-b-next");
        expect([null, "token-a"]).toContain((await findTokens(at.dir))[A]);
      }
    },
  );
});

/** The specified behaviour, without its implementation. */
interface Model {
  file: string | null;
  readonly owners: Map<string, Set<string>>;
  readonly waiting: Map<string, string>;
}

const copyOf = ({ file, owners, waiting }: Model): Model => ({
  file,
  owners: new Map([...owners].map(([token, origins]) => [token, new Set(origins)])),
  waiting: new Map(waiting),
});

function visible({ file, owners, waiting }: Model, origin: string): string | null {
  const known = file === null ? undefined : owners.get(file);
  if (file !== null && (known === undefined || known.has(origin))) return file;
  return waiting.get(origin) ?? null;
}

/** The states that a save goes through, any of which a killed save may leave behind. */
function saving(model: Model, origin: string, token: string): [Model, ...Model[]] {
  const known = model.file === null ? undefined : model.owners.get(model.file);
  const aside = copyOf(model);
  if (model.file !== null && known !== undefined && !known.has(origin)) {
    for (const owner of known) aside.waiting.set(owner, model.file);
  }
  const listed = copyOf(aside);
  listed.owners.set(token, new Set([...(listed.owners.get(token) ?? []), origin]));
  const replaced = { ...copyOf(listed), file: token };
  const done = copyOf(replaced);
  done.waiting.delete(origin);
  return [done, replaced, listed, aside, model];
}

/** A read restores a token that was set aside, as a save does. */
function reading(model: Model, origin: string): [Model, ...Model[]] {
  const token = visible(model, origin);
  const isBack = token === null || token === model.file || model.file === null;
  return isBack ? [model] : saving(model, origin, token);
}

test("whatever is saved, read, killed and rewritten by Python in whatever order, no platform sees another's token", async () => {
  const step = fc.record({
    kind: fc.constantFrom("save", "save", "read", "python"),
    origin: fc.constantFrom(...ORIGINS),
    token: fc.constantFrom("token-1", "token-2", "token-3", "token-4", "token-5"),
    killedAt: fc.option(fc.integer({ min: 1, max: 14 }), { nil: Number.POSITIVE_INFINITY }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const at = tokenDirectory();
      // All states that it may be in, given what is visible.
      let models: Model[] = [{ file: null, owners: new Map(), waiting: new Map() }];
      for (const { kind, origin, token, killedAt } of steps) {
        const { io, died } = killedBefore(killedAt);
        let next: Model[];
        if (kind === "python") {
          fs.writeFileSync(at.file, token, { mode: 0o600 });
          next = models.map((model) => ({ ...copyOf(model), file: token }));
        } else {
          const storage = open(at.dir, origin, io);
          const given = kind === "save" ? await storage.write(token).catch(() => null) : await storage.read();
          if (kind === "read") expect(models.map((model) => visible(model, origin))).toContain(given);
          next = models.flatMap((model) => {
            const states = kind === "save" ? saving(model, origin, token) : reading(model, origin);
            return died() ? states : [states[0]];
          });
        }
        const file = fs.existsSync(at.file) ? at.text() : null;
        const found = await findTokens(at.dir);
        models = next.filter(
          (model) =>
            model.file === file && ORIGINS.every((platform) => visible(model, platform) === found[platform]),
        );
        expect(models, JSON.stringify({ file, found })).not.toEqual([]);
      }
    }),
    { numRuns: 100 },
  );
}, 60_000);
