import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { numRuns, timeoutMs } from "../test/support/runs.ts";
import { envToken, fileToken, issuedToken } from "../test/support/tokens.ts";
import { AuthError } from "./errors.ts";
import { type Candidate, choose, explainChoice, type SourceKind } from "./resolution.ts";

vi.setConfig({ testTimeout: timeoutMs });

const candidate = (source: SourceKind, token: string | null): Candidate => ({
  source,
  location: source,
  token,
});
const unsaved = candidate("unsaved", issuedToken);
const stored = candidate("storage", fileToken);
const variable = candidate("fallback", envToken);
const rejections = (...tokens: string[]) => {
  const counts = new Map<string, number>();
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  return knowing(counts);
};
const knowing = (counts: Map<string, number>, foreign: readonly string[] = []) => ({
  rejections: counts,
  isForeign: (token: string) => foreign.includes(token),
});

describe("choose", () => {
  it("takes the first source that has a token", () => {
    expect(choose([unsaved, stored, variable], rejections())).toBe(unsaved);
    expect(choose([candidate("unsaved", null), stored, variable], rejections())).toBe(stored);
    expect(choose([candidate("storage", null), variable], rejections())).toBe(variable);
  });

  it("finds nothing where there is nothing", () => {
    expect(choose([], rejections())).toBeNull();
    expect(choose([candidate("storage", null)], rejections())).toBeNull();
  });

  it("passes over a rejected token while there is one that is not", () => {
    expect(choose([stored, variable], rejections(fileToken))).toBe(variable);
    expect(choose([stored, variable], rejections(envToken))).toBe(stored);
  });

  it("takes a rejected token when there is nothing else", () => {
    expect(choose([stored], rejections(fileToken, fileToken))).toBe(stored);
  });

  it("never takes another platform's token, not even as the last resort", () => {
    expect(choose([stored, variable], knowing(new Map(), [fileToken]))).toBe(variable);
    expect(choose([stored], knowing(new Map(), [fileToken]))).toBeNull();
  });

  it("gives each its turn when all were rejected", () => {
    const counts = new Map<string, number>();
    const turns = [1, 2, 3, 4].map(() => {
      const chosen = choose([stored, variable], knowing(counts));
      if (chosen?.token) counts.set(chosen.token, (counts.get(chosen.token) ?? 0) + 1);
      return chosen?.source;
    });
    expect(turns).toStrictEqual(["storage", "fallback", "storage", "fallback"]);
  });

  it("never prefers a candidate that was rejected more often, nor a later one among equals", () => {
    const token = fc.constantFrom(null, fileToken, envToken, issuedToken);
    const counts = fc.uniqueArray(fc.tuple(token, fc.integer({ min: 1, max: 3 })), {
      selector: ([key]) => key,
    });
    fc.assert(
      fc.property(fc.array(token, { maxLength: 5 }), counts, (tokens, pairs) => {
        const rejected = new Map(
          pairs.flatMap(([key, count]) => (key === null ? [] : [[key, count] as const])),
        );
        const candidates = tokens.map((held) => candidate("storage", held));
        const best = choose(candidates, knowing(rejected));
        const present = candidates.filter((each) => each.token !== null);
        const countOf = (each: Candidate | null) => rejected.get(each?.token ?? "") ?? 0;
        const fewest = Math.min(...present.map(countOf));
        expect(best).toBe(present.find((each) => countOf(each) === fewest) ?? null);
      }),
      { numRuns },
    );
  });
});

describe("explainChoice", () => {
  it("says of every source what became of it", () => {
    const failed = {
      ...candidate("storage", null),
      error: new AuthError("STORAGE_READ_FAILED", "No right."),
    };
    const nothing = candidate("cache", null);
    const explanation = explainChoice(
      null,
      [nothing, unsaved, failed, variable],
      variable,
      rejections(issuedToken),
    );
    expect(explanation).toStrictEqual({
      workspaceId: null,
      used: "fallback",
      sources: [
        { source: "cache", location: "cache", state: "empty" },
        {
          source: "unsaved",
          location: "unsaved",
          state: "rejected",
          token: "issd… (42 characters)",
          sameAsUsed: false,
        },
        { source: "storage", location: "storage", state: "failed", reason: "No right." },
        {
          source: "fallback",
          location: "fallback",
          state: "used",
          token: "env0… (42 characters)",
          sameAsUsed: true,
        },
      ],
    });
  });

  it("tells a shadowed source, and one with the same token as the one used", () => {
    const twin = candidate("fallback", fileToken);
    const { sources } = explainChoice("a", [stored, twin, unsaved], stored, rejections());
    expect(sources.map(({ state, sameAsUsed }) => [state, sameAsUsed])).toStrictEqual([
      ["used", true],
      ["shadowed", true],
      ["shadowed", false],
    ]);
  });

  it("marks a rejected token that is used as the last resort", () => {
    const { sources } = explainChoice(null, [stored], stored, rejections(fileToken));
    expect(sources[0]).toMatchObject({ state: "used", lastResort: true });
  });

  it("says of another platform's token that it is, rejected or not", () => {
    const foreign = knowing(new Map([[fileToken, 1]]), [fileToken]);
    const { used, sources } = explainChoice(null, [stored, variable], variable, foreign);
    expect([used, ...sources.map(({ state }) => state)]).toStrictEqual([
      "fallback",
      "other-platform",
      "used",
    ]);
  });

  it("says when there is no token at all", () => {
    const { used, workspaceId } = explainChoice("a", [candidate("fallback", null)], null, rejections());
    expect([used, workspaceId]).toStrictEqual([null, "a"]);
  });
});
