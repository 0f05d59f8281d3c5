import fc from "fast-check";
import { expect, it } from "vitest";
import { logfmt } from "./logfmt.ts";

/** Parses a line, as strictly as Go's logfmt does. */
function parse(line: string): Record<string, string> {
  const pairs = [...line.matchAll(/(?:^| )([a-z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s="]*))(?= |$)/g)];
  expect(pairs.map(([pair]) => pair).join("")).toBe(line);
  return Object.fromEntries(
    pairs.map(([, key, quoted, bare]) => [key, quoted === undefined ? bare : JSON.parse(`"${quoted}"`)]),
  );
}

it("consists of keys and values, quoted where necessary", () => {
  expect(logfmt({ level: "info", code: "REGISTERED", msg: 'said "hi"\nand left', n: 3, none: "" })).toBe(
    'level=info code=REGISTERED msg="said \\"hi\\"\\nand left" n=3 none=""',
  );
});

it("is one line from which any text can be parsed back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), (msg, code) => {
      const line = logfmt({ code, msg });
      expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(parse(line)).toEqual({ code, msg });
    }),
  );
});
