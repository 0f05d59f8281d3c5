import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { checkToken, cleanText, MAX_TOKEN_LENGTH, redactToken } from "./token.ts";

describe("cleanText", () => {
  it.each([[""], ["  "], ["\n\t"], ["\uFEFF"], [null], [undefined]])("counts %j as absent", (text) => {
    expect(cleanText(text)).toBeNull();
  });

  it("trims white space, a byte order mark included", () => {
    expect(cleanText("\uFEFF a b \r\n")).toBe("a b");
  });
});

describe("checkToken", () => {
  it("trims the token, and leaves its format to the platform", () => {
    expect(checkToken(" !~ 0 ~!\n")).toBe("!~ 0 ~!");
  });

  it("accepts up to 16,384 characters", async () => {
    expect(MAX_TOKEN_LENGTH).toBe(16_384);
    expect(checkToken(` ${"x".repeat(16_384)} `)).toHaveLength(16_384);
    const error = await authError("TOKEN_INVALID", () => checkToken("x".repeat(16_385)));
    expect(error.message).toBe("The token must be 1 to 16384 printable ASCII characters.");
  });

  it.each([[""], [" \n "]])("rejects %j, which is blank", async (text) => {
    await authError("TOKEN_INVALID", () => checkToken(text));
  });

  it("rejects a value that is not a string", async () => {
    const fromJson: unknown = JSON.parse("42");
    await authError("TOKEN_INVALID", () => Reflect.apply(checkToken, null, [fromJson]));
  });

  it.each([
    ["a line break", "a\nb"],
    ["a carriage return", "a\rb"],
    ["a NUL", "a\0b"],
    ["a tab", "a\tb"],
    ["DEL", "a\x7fb"],
    ["an umlaut", "aäb"],
    ["a curly quote", "a\u201db"],
    ["an emoji", "a🔑b"],
    ["a second line of printable text", "good\nX-Injected: yes"],
  ])("rejects %s without repeating the token", async (_, text) => {
    const { message } = await authError("TOKEN_INVALID", () => checkToken(text));
    expect(message).toMatch(/printable ASCII/);
    expect(message).not.toContain(text);
  });
});

describe("text that contains a token but is not one", () => {
  const token = "5f1d0c9ab3e24778aa10bb20cc30dd40ee50ff60718";

  it.each([
    [`Authorization: Bearer ${token}`, "a whole Authorization header"],
    [`authorization:bearer ${token}`, "a whole Authorization header"],
    [`Bearer ${token}`, "a Bearer header's value"],
    [`bearer ${token}`, "a Bearer header's value"],
    [`"${token}"`, "in quotes"],
    [`'${token}'`, "in quotes"],
    [`{"auth_token":"${token}"}`, "JSON"],
    [`["${token}"]`, "JSON"],
    [`MOLECULE_WORKSPACE_TOKEN=${token}`, "a NAME=value line"],
    [`export TOKEN=${token}`, "a NAME=value line"],
    [`auth_token=${token}`, "a NAME=value line"],
    [`$${"{MOLECULE_TOKEN}"}`, "a placeholder"],
    ["$(TOKEN)", "a placeholder"],
    ["$TOKEN", "a placeholder"],
    ["{{ token }}", "a placeholder"],
    ["<your token>", "a placeholder"],
    [`Proxy-Authorization: Basic ${token}`, "a whole Authorization header"],
    [`Authorization: Bearer ${token}\r\nAccept: */*`, "a whole Authorization header"],
    [`Bearer\t${token}`, "a Bearer header's value"],
    [`Bearer: ${token}`, "a Bearer header's value"],
    [`Basic ${token}`, "a Bearer header's value"],
    [`X-Workspace-Token: ${token}`, "a whole header, or a name with its value"],
    [`auth_token: ${token}`, "a whole header, or a name with its value"],
    [`curl -H "Authorization: Bearer ${token}"`, "a curl command"],
    [`"${token}",`, "in quotes"],
    [`"auth_token": "${token}"`, "in quotes"],
    [`\u201c${token}\u201d`, "in quotes"],
    [`{\n  "auth_token": "${token}"\n}`, "JSON"],
    [`token = ${token}`, "a NAME=value line"],
    [`$env:TOKEN="${token}"`, "a NAME=value line"],
    [`set TOKEN=${token}`, "a NAME=value line"],
    [`https://platform.example/?token=${token}`, "a URL"],
    [`http://platform.example/?token=${token}`, "a URL"],
    [`${token}\\n`, "followed by a literal \\n"],
  ])("is rejected with the kind of mistake: %s", async (text, mistake) => {
    const { message } = await authError("TOKEN_INVALID", () => checkToken(` ${text}\n`));
    expect(message).toBe(`The token is ${mistake}; give the token alone.`);
    expect(message).not.toContain(token);
  });

  it.each([
    token,
    "Bearer",
    "bearer-token-0123456789",
    "dG9rZW4tb2Ytb25lLXdvcmtzcGFjZQ==",
    "YWJj+/YWJj+/YWJj+/YWJj+/YQ=",
    "AAAABBBBCCCCDDDD====",
    "$2b$12$abcdefghijklmnopqrstuv",
    "a=b",
    "{curly",
    '"half',
    "eyJhbGciOi.eyJzdWIiOi.SflKxwRJSM",
    "half-H way",
    '"quoted" half',
    "cost$(5)",
    "$HOME4",
    "<a>b",
    "a[b]",
    "[a]b",
    "Ab+c=d",
    "a-https://b",
    "a\\nb",
  ])("is not confused with a token: %s", (text) => {
    expect(checkToken(text)).toBe(text);
  });
});

describe("redactToken", () => {
  it("shows four characters and the length of a long token", () => {
    expect(redactToken("abcdefghijklmnop")).toBe("abcd… (16 characters)");
  });

  it("shows nothing of a token shorter than 16 characters", () => {
    expect(redactToken("abcdefghijklmno")).toBe("(short)");
  });
});
