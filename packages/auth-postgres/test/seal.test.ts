import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSealedWith, open, printOf, type SealContext, seal } from "../src/seal.ts";

const context: SealContext = {
  fleet: "blue",
  platform: "https://platform.example",
  id: "agent-7",
  kind: "auth",
};
const [key, other] = [randomBytes(32), randomBytes(32)];
const text = Buffer.from("a-token-of-the-test");
const opened = (sealed: Uint8Array, of = context, keys: readonly Uint8Array[] = [key]) =>
  open(keys, of, { sealed, what: "The token of agent-7" });

describe("a sealed text", () => {
  it("is opened by the key that sealed it, at any position in the list", () => {
    const sealed = seal(key, context, text);
    expect(opened(sealed)).toEqual(text);
    expect(opened(sealed, context, [other, key])).toEqual(text);
    expect([isSealedWith(key, sealed), isSealedWith(other, sealed)]).toEqual([true, false]);
  });

  it("is different each time, and reveals nothing of the text", () => {
    const [one, two] = [seal(key, context, text), seal(key, context, text)];
    expect(one).not.toEqual(two);
    expect(one.includes(text)).toBe(false);
  });

  it("is rejected with another key, with what to do", () => {
    expect(() => opened(seal(other, context, text))).toThrow(
      /^The token of agent-7 was encrypted with another key: use the key file/,
    );
  });

  it("cannot be opened for another fleet, platform, workspace or kind", () => {
    const sealed = seal(key, context, text);
    for (const part of ["fleet", "platform", "id", "kind"] as const) {
      expect(() => opened(sealed, { ...context, [part]: "another" }), part).toThrow(
        /altered|belongs to another/,
      );
    }
  });

  it("is bound to the separate parts, not to their concatenation", () => {
    const part = fc.string({ maxLength: 6, unit: fc.constantFrom("a", "b", "\0", "é") });
    const contexts = fc.record({ fleet: part, platform: part, id: part, kind: part });
    fc.assert(
      fc.property(contexts, contexts, (one, two) => {
        const isSame = JSON.stringify(Object.values(one)) === JSON.stringify(Object.values(two));
        const print = (of: SealContext) => printOf(key, of, "token").toString("hex");
        expect(print(one) === print(two)).toBe(isSame);
        const open = () => opened(seal(key, one, text), two);
        if (isSame) expect(open()).toEqual(text);
        else expect(open).toThrow(/altered/);
      }),
      { numRuns: 500 },
    );
    // The same letters, split differently.
    const [one, two] = [
      { ...context, fleet: "ab", platform: "c" },
      { ...context, fleet: "a", platform: "bc" },
    ];
    expect(() => opened(seal(key, one, text), two)).toThrow(/altered/);
  });

  it("is not opened when any bit of it was changed, or any part is missing", () => {
    const sealed = seal(key, context, text);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => opened(changed), `bit ${bit}`).toThrow(/altered|encrypted with another key/);
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => opened(sealed.subarray(0, length)), `${length} bytes`).toThrow(
        /altered|encrypted with another key/,
      );
    }
  });
});
