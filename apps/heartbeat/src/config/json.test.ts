import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson, refuseRepeatedNames } from "./json.ts";

const SECRET = "s3cr3t-0123456789";

describe("JSON that a person wrote", () => {
  it.each([
    [
      "a comma too many",
      `[\n  {"id": "a", "token": "${SECRET}",}\n]`,
      "line 2, column 44 (a comma with nothing after it)",
    ],
    ["a comma too many in an array", "[1,\n2,\n]", "line 3, column 1 (a comma with nothing after it)"],
    [
      "a comma that is missing",
      `{"a": "${SECRET}"\n"b": 1}`,
      "line 2, column 1 (a comma is missing, or a bracket)",
    ],
    ["an end that is missing", '[\r\n{"a": 1}\r\n', "line 3, column 1 (it ends too early)"],
    ["single quotes", "{'a': 1}", "line 1, column 2 (strings are written in straight double quotes"],
    ["curly quotes", "{\u201ca\u201d: 1}", "line 1, column 2 (strings are written in straight double quotes"],
    ["a comment", '{ // ours\n"a": 1}', "line 1, column 3 (JSON has no comments)"],
    ["a name without quotes", "{a: 1}", "line 1, column 2 (a name in double quotes"],
    ["a value without quotes", `{"token": ${SECRET}}`, "line 1, column 11 (a value is missing"],
    ["an invalid number", "[01]", "line 1, column 2 (a value is missing"],
    [
      "a Windows backslash",
      '{"a": "C:\\dir"}',
      "line 1, column 10 (a backslash in a string is written twice)",
    ],
    [
      "a string that continues on the next line",
      '["a\nb"]',
      "line 1, column 4 (a string has no closing quote in its line)",
    ],
    ["a string without an end", `["${SECRET}`, "(a string has no closing quote)"],
    ["a colon that is missing", '{"a" 1}', "line 1, column 6 (a colon is missing)"],
    ["something after the end", "[] []", "line 1, column 4 (something follows the end)"],
    ["a wrong bracket", "[1}", "line 1, column 3 (a comma is missing, or a bracket)"],
    ["an invalid blank", "[\u00a01]", "line 1, column 2 (a value is missing"],
    ["no text", "", "line 1, column 1 (it ends too early)"],
    ["depth without end", "[".repeat(200_000), "(it ends too early)"],
  ])("with %s is reported with line and column, without quoting the text", (_what, text, where) => {
    let message = "";
    try {
      parseJson(text);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain(`it is not valid JSON: ${where.startsWith("line") ? where : "line"}`);
    expect(message).toContain(where);
    expect(message).not.toContain(SECRET.slice(0, 6));
  });

  it("is rejected exactly where the parser rejects it, after any change", () => {
    const document = fc.tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom("", ",", "}", "]", '"', "\\", "x", "\n", "\u0000", "1e", "tru"),
    );
    fc.assert(
      fc.property(document, ([json, at, put]) => {
        const position = at % (json.length + 1);
        const text = json.slice(0, position) + put + json.slice(position + 1);
        let isValid = true;
        try {
          JSON.parse(text);
        } catch {
          isValid = false;
        }
        if (isValid) expect(parseJson(text)).toEqual(JSON.parse(text));
        else
          expect(() => parseJson(text)).toThrow(
            /^it is not valid JSON: line \d+, column \d+ \([^()]*(\("\))?[^()]*\)\.$/,
          );
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("an object with a name twice", () => {
  it.each([
    ["a missing end of an entry", `[{"id":"a","token":"${SECRET}",\n "id":"b"}]`, "line 2, column 2"],
    ["another spelling", '{"id":1,"\\u0069d":2}', "line 1, column 9"],
    ["__proto__", '{"__proto__":1,"__proto__":2}', "line 1, column 16"],
  ])("is rejected with line and column: %s", (_what, text, where) => {
    expect(() => refuseRepeatedNames(text)).toThrow(`it is ambiguous: ${where} (`);
    expect(() => refuseRepeatedNames(text)).not.toThrow(SECRET.slice(0, 6));
  });

  it("is not one with the name in its text, in an object inside it or beside it", () => {
    const value = {
      id: 'id":"id',
      "a{": { id: "}", b: ["id", "id"] },
      b: { id: "\\" },
      '"': [{ id: 1 }, { id: 2 }],
    };
    refuseRepeatedNames(JSON.stringify(value, null, 2));
  });

  it("is never what the serializer writes", () => {
    fc.assert(fc.property(fc.json(), (text) => refuseRepeatedNames(JSON.stringify(JSON.parse(text)))));
  });
});
