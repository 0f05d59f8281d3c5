import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { checkToken, cleanToken, MAX_TOKEN_LENGTH, redactToken } from "./token.ts";

describe("cleanToken", () => {
  it.each([[""], ["  "], ["\n\t"], ["\uFEFF"], [null], [undefined]])("counts %j as absent", (text) => {
    expect(cleanToken(text)).toBeNull();
  });

  it("trims white space, a byte order mark included", () => {
    expect(cleanToken("\uFEFF a b \r\n")).toBe("a b");
  });
});

describe("checkToken", () => {
  it("trims, and leaves everything else to the platform", () => {
    expect(checkToken(" !~ 0 ~!\n")).toBe("!~ 0 ~!");
  });

  it("accepts 16,384 characters and no more", async () => {
    expect(MAX_TOKEN_LENGTH).toBe(16_384);
    expect(checkToken(` ${"x".repeat(16_384)} `)).toHaveLength(16_384);
    const error = await authError("INVALID_TOKEN", () => checkToken("x".repeat(16_385)));
    expect(error.message).toBe("The token has 16385 characters; at most 16384 are accepted.");
  });

  it.each([[""], [" \n "]])("says that %j is empty", async (text) => {
    expect((await authError("INVALID_TOKEN", () => checkToken(text))).message).toBe("The token is empty.");
  });

  it("takes what is no text for an empty token", async () => {
    const fromJson: unknown = JSON.parse("42");
    const error = await authError("INVALID_TOKEN", () => Reflect.apply(checkToken, null, [fromJson]));
    expect(error.message).toBe("The token is empty.");
  });

  it.each([
    ["a line break", "a\nb"],
    ["a carriage return", "a\rb"],
    ["a NUL", "a\0b"],
    ["a tab", "a\tb"],
    ["DEL", "a\x7fb"],
    ["an umlaut", "aäb"],
    ["an emoji", "a🔑b"],
    ["a second line of printable text", "good\nX-Injected: yes"],
  ])("refuses %s without repeating the token", async (_, text) => {
    const { message } = await authError("INVALID_TOKEN", () => checkToken(text));
    expect(message).toMatch(/not printable ASCII/);
    expect(message).not.toContain(text);
  });
});

describe("redactToken", () => {
  it("shows four characters and the length of a long token", () => {
    expect(redactToken("abcdefghijklmnop")).toBe("abcd… (16 characters)");
  });

  it("shows nothing of a token shorter than 16 characters", () => {
    expect(redactToken("abcdefghijklmno")).toBe("(short token)");
  });
});
