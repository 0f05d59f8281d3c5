import { redactToken } from "@x/auth-core";
import { expect, it } from "vitest";
import { createRedactor } from "./redactor.ts";

const LONG = "Zm9ydHktdGhyZWUtY2hhcmFjdGVycy1vZi1iYXNlNjR1";

it.each([
  ["a long token", LONG],
  ["a token shorter than what long ones are found by", "s3cr-t"],
])("%s is redacted until it was removed as often as added", (_name, token) => {
  const redactor = createRedactor([token]);
  const shown = `${token} and ${[...token].reverse().join("")}`;
  redactor.add(token);
  redactor.remove(token);
  expect(redactor.redact(shown)).not.toContain(token);
  expect(redactor.redact(`twice: ${token}, ${token}`)).not.toContain(token);
  redactor.remove(token);
  expect(redactor.redact(shown)).toBe(shown);
  redactor.remove(token);
  redactor.add(token);
  expect(redactor.redact(shown)).not.toContain(token);
});

it("the removal of a token leaves another that begins like it", () => {
  const other = `${LONG.slice(0, 24)}0123456789abcdefghij`;
  const redactor = createRedactor([LONG, other]);
  redactor.remove(LONG);
  expect(redactor.redact(`it is ${other}.`)).not.toContain(other.slice(8));
});

it.each([
  ["\\", "n0A"],
  ["%", "7aA"],
  ["&#x", "7a-A"],
])(
  "the first half of a token is found, although %s and its first letters look like an escape",
  (before, first) => {
    const half = `${first}_9y-_3m-_Xw-_fQ-_7c`;
    const shown = createRedactor([`${half}-_Zm9ydHktdGhyZWU`]).redact(`${before} ${half} and`);
    expect(shown).toMatch(/^[^ ]+ .{4}… \(\d+ characters\) and$/);
  },
);

it.each(["1234567890987654321012345678", "9876543210123-Zm9ydHktdGhyZWU", "a1b2c3d4"])(
  "a token that reads like a colour is found whole: %s",
  (token) => {
    const redactor = createRedactor([token]);
    for (const [begin, end] of [
      ["\u001b[", "m"],
      ["\u009b38;2;", "m"],
      ["\\u001b[", ""],
      ["^[[", "m"],
    ]) {
      expect(redactor.redact(`503 ${begin}${token}${end} and`)).toBe(
        `503 ${begin}${redactToken(token)}${end} and`,
      );
    }
  },
);

it("a token in a title is found, and the rest of the line stays valid JSON", () => {
  const line = JSON.stringify({ msg: `503 \u001b]0;${LONG}\u0007` });
  expect(JSON.parse(createRedactor([LONG]).redact(line))).toEqual({
    msg: "503 \u001b]0;Zm9y… (44 characters)\u0007",
  });
});

it("terminal strings that never end take no longer than other text", () => {
  const redactor = createRedactor([LONG]);
  const started = performance.now();
  for (const string of ["\u001b]", "\u009d"]) {
    expect(redactor.redact(`${string.repeat(50_000)}${LONG}`)).not.toContain(LONG);
  }
  expect(performance.now() - started).toBeLessThan(1_500);
});
