import { describe, expect, it } from "vitest";
import { readAgentCard } from "./agent-card.ts";
import { readWorkspaces } from "./workspaces.ts";

const env = { PLATFORM_URL: "https://platform.example" };
const listed = (...entries: object[]) => {
  const files = { text: () => JSON.stringify(entries) };
  return readWorkspaces({ workspacesFile: "w.json" }, env, files).warnings;
};
const card = (value: object) =>
  readAgentCard("card.json", {}, { text: () => JSON.stringify(value) }).warnings;

describe("an unknown key of a list entry", () => {
  it.each([
    ["tokne", 'did you mean "token"?'],
    ["Token", 'did you mean "token"?'],
    ["tokens", 'did you mean "token"?'],
    ["auth_token", 'did you mean "token"?'],
    ["ID", 'did you mean "id"?'],
    ["workspace_id", 'did you mean "id"?'],
    ["platform-url", 'did you mean "platform_url"?'],
    ["plaftorm_url", 'did you mean "platform_url"?'],
    ["url", 'did you mean "platform_url"?'],
    ["configs_dir", "--configs-dir"],
    ["configsDir", "--configs-dir"],
    ["color", "known are id, token, platform_url, name"],
  ])("%s is reported with the likely correct one", (key, hint) => {
    const [warning, ...others] = listed({ id: "a" }, { id: "b", [key]: "x" });
    expect(warning).toContain(`w.json: entry 2: "${key}" is not known and is ignored; `);
    expect(warning).toContain(hint);
    expect(others).toEqual([]);
  });

  it("is not quoted when it may be a token, and is reported a limited number of times", () => {
    const token = "S3cr3tS3cr3tS3cr3tS3cr3tS3cr3tS3cr3tS3cr3t0";
    expect(listed({ id: "a", [token]: "x" }).join()).not.toContain("S3cr");
    const many = Array.from({ length: 1_000 }, (_, index) => ({ id: `a-${index}`, tokne: "x" }));
    expect(listed(...many)).toHaveLength(21);
  });

  it("does not include a name or notes", () => {
    expect(listed({ id: "a", name: "Seven", _comment: "ours", $schema: "x" })).toEqual([]);
  });
});

describe("an unknown key of an agent card", () => {
  it("is reported only when it looks like a known one", () => {
    expect(card({ nmae: "Seven", descripton: "x", "x-ours": 1, color: "red" })).toEqual([
      '--agent-card card.json: "nmae" is not known and is ignored; did you mean "name"?',
      '--agent-card card.json: "descripton" is not known and is ignored; did you mean "description"?',
    ]);
    expect(card({ name: "Seven", skills: [], additionalInterfaces: [] })).toEqual([]);
  });
});
