import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { numRuns, timeoutMs } from "../test/support/runs.ts";
import { envToken, fileToken, newToken } from "../test/support/tokens.ts";
import { AuthError } from "./errors.ts";
import { type Candidate, choose, explain, type SourceKind } from "./resolution.ts";

vi.setConfig({ testTimeout: timeoutMs });

const candidate = (source: SourceKind, token: string | null): Candidate => ({
  source,
  location: source,
  token,
});
const unsaved = candidate("unsaved", newToken);
const stored = candidate("storage", fileToken);
const fromEnv = candidate("fallback", envToken);
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
  it("never uses another platform's token, not even as a last resort", () => {
    expect(choose([stored, fromEnv], knowing(new Map(), [fileToken]))).toBe(fromEnv);
    expect(choose([stored], knowing(new Map(), [fileToken]))).toBeNull();
  });

  it("prefers the candidate rejected least often, the earlier one among equals", () => {
    const token = fc.constantFrom(null, fileToken, envToken, newToken);
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

describe("explain", () => {
  it("reports the state of every source", () => {
    const failed = {
      ...candidate("storage", null),
      error: new AuthError("STORAGE_READ_FAILED", "No right."),
    };
    const nothing = candidate("cache", null);
    const explanation = explain(null, [nothing, unsaved, failed, fromEnv], rejections(newToken));
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

  it("reports a shadowed source, and one that holds the token in use", () => {
    const twin = candidate("fallback", fileToken);
    const { sources } = explain("a", [stored, twin, unsaved], rejections());
    expect(sources.map(({ state, sameAsUsed }) => [state, sameAsUsed])).toStrictEqual([
      ["used", true],
      ["shadowed", true],
      ["shadowed", false],
    ]);
  });

  it("reports another platform's token as such, rejected or not", () => {
    const foreign = knowing(new Map([[fileToken, 1]]), [fileToken]);
    const { used, sources } = explain(null, [stored, fromEnv], foreign);
    expect([used, ...sources.map(({ state }) => state)]).toStrictEqual([
      "fallback",
      "other-platform",
      "used",
    ]);
  });

  it("uses what is in memory, even if it was rejected", () => {
    for (const source of ["workspace", "cache"] as const) {
      const { used } = explain("a", [candidate(source, newToken), stored], rejections(newToken));
      expect(used).toBe(source);
    }
  });
});
