import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { parseWorkspaces } from "./workspaces.ts";

const problemsOf = async (json: string) => {
  const { message, problems = [] } = await authError("WORKSPACES_INVALID", () => parseWorkspaces(json));
  expect(message).toBe(["The list of workspaces is invalid:", ...problems].join("\n  "));
  return problems;
};

describe("parseWorkspaces", () => {
  it("reads id, token and platform URL, in order", () => {
    const json = `[
      {"id": "b", "token": "token-b", "platform_url": "https://b.example/base"},
      {"id": " a ", "token": " token-a\\n"},
      {"id": "c"}
    ]`;
    expect(parseWorkspaces(json)).toStrictEqual([
      { id: "b", token: "token-b", platformUrl: "https://b.example/base" },
      { id: "a", token: "token-a" },
      { id: "c" },
    ]);
  });

  it("treats blank and null properties as left out, and ignores unknown ones", () => {
    const json =
      '[{"id":"a","token":" ","platform_url":"","more":1},{"id":"b","token":null,"platform_url":null}]';
    expect(parseWorkspaces(json)).toStrictEqual([{ id: "a" }, { id: "b" }]);
  });

  it("reads an empty list", () => {
    expect(parseWorkspaces("[]")).toStrictEqual([]);
  });

  it("reports every problem of the list at once, by entry", async () => {
    const problems = await problemsOf(
      JSON.stringify([
        { id: "good" },
        { token: "t" },
        { id: "Bad" },
        { id: 7, token: 8, platform_url: 9 },
        { id: "good" },
        "text",
        null,
        [],
        { id: "worse", token: "a\nb", platform_url: "nowhere" },
        { id: " " },
        { id: "spelt", platformUrl: "https://p.example" },
        { id: "good", platform_url: "https://user:pw@p.example" },
      ]),
    );
    const notAnObject = 'it is not an object like {"id":"1b4e28ba-2fa1-41d2-883f-0016d3cca427","token":"…"}.';
    expect(problems).toStrictEqual([
      'entry 2: "id" is missing.',
      expect.stringMatching(/^entry 3: The workspace id must match/),
      'entry 4: "id" is not a string.',
      'entry 4: "token" is not a string.',
      'entry 4: "platform_url" is not a string.',
      "entry 5: the id good is also used by entry 1.",
      `entry 6: ${notAnObject}`,
      `entry 7: ${notAnObject}`,
      `entry 8: ${notAnObject}`,
      expect.stringMatching(/^entry 9: The token must be/),
      expect.stringMatching(/^entry 9: "platform_url" must be an http:/),
      'entry 10: "id" is missing.',
      'entry 11: "platformUrl" must be spelt "platform_url".',
      expect.stringMatching(/^entry 12: "platform_url" must be .* without credentials/),
      "entry 12: the id good is also used by entry 1.",
    ]);
  });

  it("does not report two entries without a valid id as duplicates", async () => {
    expect(await problemsOf('[{"id":"A"},{"id":"A"},{},{}]')).toHaveLength(4);
  });

  it.each([["{}"], ['{"id":"a"}'], ["null"], ['"text"'], ["7"]])(
    "rejects %s, which is not an array",
    async (json) => {
      expect(await problemsOf(json)).toStrictEqual([
        'it is not an array; expected one like [{"id":"1b4e28ba-2fa1-41d2-883f-0016d3cca427","token":"…"}].',
      ]);
    },
  );

  it.each([[""], ["[{]"], ["[{'id':'a'}]"]])("rejects %j, which is not JSON", async (json) => {
    expect(await problemsOf(json)).toStrictEqual([
      'it is not valid JSON; expected an array like [{"id":"1b4e28ba-2fa1-41d2-883f-0016d3cca427","token":"…"}].',
    ]);
  });

  it("incident 30: repeats neither a token nor a password, however broken the list is", async () => {
    const secret = "s3cr3t-abcdefghijklmnopqrstuvwxyz";
    for (const json of [
      `[{"id":"a","token":"${secret}"`,
      `[{"id":"a","token":${secret}}]`,
      `["${secret}"]`,
      `[{"id":"${secret.toUpperCase()}","token":"${secret}\\u0000"}]`,
      `[{"id":"a","platform_url":"https://x:${secret}@p.example"}]`,
    ]) {
      const { message, stack, cause } = await authError("WORKSPACES_INVALID", () => parseWorkspaces(json));
      expect(`${message}${stack}${cause}`.toLowerCase()).not.toContain(secret);
      expect(message.toLowerCase()).not.toContain(secret.slice(0, 8));
    }
  });
});
