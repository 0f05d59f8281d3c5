import fs from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { killedBefore } from "../../test/killed.ts";
import { tokenDirectory } from "../../test/token-directory.ts";
import { fileTokenStorage } from "./file-token-storage.ts";

/** Whom a process is configured for; `id` null: no workspace in particular. */
interface Who {
  readonly platform: string;
  readonly id: string | null;
}

const WHO: readonly Who[] = [
  { platform: "https://a.example", id: "atlas" },
  { platform: "https://a.example", id: "boreas" },
  { platform: "https://a.example", id: null },
  { platform: "http://127.0.0.1:8787", id: "atlas" },
];

const optionsFor = ({ platform, id }: Who) => ({
  platformUrl: platform,
  ...(id !== null && { workspaceId: id }),
});

/** The specified behaviour, without its implementation. */
interface Model {
  readonly file: string | null;
  /** Who saved which token, the oldest first. */
  readonly saved: readonly { readonly token: string; readonly by: Who }[];
  readonly aside: ReadonlyMap<Who, string>;
}

const mayUse = (by: Who, who: Who) =>
  by.platform === who.platform && (by.id === null || who.id === null || by.id === who.id);

const ownersOf = ({ saved }: Model, token: string) =>
  saved.filter((each) => each.token === token).map(({ by }) => by);

/** Whether a token is known, and not for `who`. */
function isOthers(model: Model, token: string, who: Who): boolean {
  const owners = ownersOf(model, token);
  return owners.length > 0 && !owners.some((by) => mayUse(by, who));
}

/** Where a token set aside is looked for: one's own place, then others that one may use, the newest first. */
function placesFor({ saved }: Model, who: Who): Who[] {
  const ofAny = WHO.filter(({ platform, id }) => platform === who.platform && id === null);
  if (who.id !== null) return [who, ...ofAny];
  return [...new Set([who, ...saved.map(({ by }) => by).reverse()])].filter((by) => mayUse(by, who));
}

function visible(model: Model, who: Who): string | null {
  if (model.file !== null && !isOthers(model, model.file, who)) return model.file;
  const tokens = placesFor(model, who).map((place) => model.aside.get(place) ?? null);
  return tokens.find((token) => token !== null && !isOthers(model, token, who)) ?? null;
}

/** The states that a save goes through, the last one first. A killed save may leave behind any of them. */
function saving(model: Model, who: Who, token: string): [Model, ...Model[]] {
  const { file } = model;
  const states: [Model, ...Model[]] = [model];
  const next = (change: Partial<Model>) => states.unshift({ ...states[0], ...change });
  const without = (place: Who) => new Map([...states[0].aside].filter(([each]) => each !== place));
  if (file !== null && isOthers(model, file, who)) {
    for (const owner of ownersOf(model, file)) next({ aside: new Map([...states[0].aside, [owner, file]]) });
  }
  const same = model.saved.filter((each) => each.token === token && mayUse(each.by, who));
  if (!same.some(({ by }) => who.id === null || by === who)) {
    const rest = model.saved.filter((each) => !same.includes(each));
    const ofFile = rest.filter((each) => each.token === file);
    const others = rest.filter((each) => each.token !== file);
    next({ saved: [...others, ...ofFile, { token, by: who }] });
  }
  next({ file: token });
  const [mine = who, ...others] = placesFor(model, who);
  for (const place of others) if (states[0].aside.get(place) === token) next({ aside: without(place) });
  next({ aside: without(mine) });
  return states;
}

/** A read restores a token that was set aside, as a save does. */
function reading(model: Model, who: Who): [Model, ...Model[]] {
  const token = visible(model, who);
  const isBack = token === null || token === model.file || model.file === null;
  return isBack ? [model] : saving(model, who, token);
}

test("whatever is saved, read, killed and rewritten by Python in whatever order, none sees another's token", async () => {
  const step = fc.record({
    kind: fc.constantFrom("save", "save", "read", "python"),
    who: fc.constantFrom(...WHO),
    token: fc.constantFrom("token-1", "token-2", "token-3", "token-4", "token-5"),
    killedAt: fc.option(fc.integer({ min: 1, max: 20 }), { nil: Number.POSITIVE_INFINITY }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const at = tokenDirectory();
      const find = (who: Who) =>
        fileTokenStorage({ configsDir: at.dir, ...optionsFor(who), tighten: false }).read();
      // All states that it may be in, given what is visible.
      let models: Model[] = [{ file: null, saved: [], aside: new Map() }];
      for (const { kind, who, token, killedAt } of steps) {
        const { io, died } = killedBefore(killedAt);
        let next: Model[];
        if (kind === "python") {
          fs.writeFileSync(at.file, token, { mode: 0o600 });
          next = models.map((model) => ({ ...model, file: token }));
        } else {
          const storage = fileTokenStorage({ configsDir: at.dir, ...optionsFor(who), io });
          const given = kind === "save" ? await storage.write(token).catch(() => null) : await storage.read();
          if (kind === "read") expect(models.map((model) => visible(model, who))).toContain(given);
          next = models.flatMap((model) => {
            const states = kind === "save" ? saving(model, who, token) : reading(model, who);
            return died() ? states : [states[0]];
          });
        }
        const file = fs.existsSync(at.file) ? at.text() : null;
        const found = await Promise.all(WHO.map(find));
        models = next.filter(
          (model) => model.file === file && WHO.every((each, n) => visible(model, each) === found[n]),
        );
        expect(models, JSON.stringify({ file, found })).not.toEqual([]);
      }
    }),
    { numRuns: 150 },
  );
}, 60_000);
