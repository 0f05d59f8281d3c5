import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../../test/support/directory.ts";
import { problemsOf } from "../../test/support/problems.ts";
import { cardFromEnvironment } from "./agent-card.ts";
import { loadConfig } from "./config.ts";

const env = { PLATFORM_URL: "https://platform.example", WORKSPACE_ID: "agent-7" };

const problems = (...parts: Parameters<typeof loadConfig>) => problemsOf(() => loadConfig(...parts));

describe("the configuration", () => {
  it("comes from the variables, every 30 s by default", async () => {
    expect(await loadConfig({}, env)).toMatchObject({
      workspaces: [{ id: "agent-7", platformUrl: "https://platform.example", ownPlatform: false }],
      isFleet: false,
      configsDir: undefined,
      timing: { intervalMs: 30_000, timeoutMs: 10_000 },
    });
  });

  it("prefers a flag to its environment variable", async () => {
    const flags = { platformUrl: "http://127.0.0.1:1", workspaceId: "b", configsDir: "c", interval: "5" };
    expect(await loadConfig(flags, env)).toMatchObject({
      workspaces: [{ id: "b", platformUrl: "http://127.0.0.1:1" }],
      configsDir: "c",
      timing: { intervalMs: 5_000 },
    });
  });

  it("reports all its problems at once, each with its fix", async () => {
    const reported = await problems({ interval: "4" }, { WORKSPACE_ID: "Agent 7" });
    expect(reported).toHaveLength(3);
    expect(reported.join("\n")).toMatch(
      /PLATFORM_URL.*--platform-url[\s\S]*workspace id[\s\S]*--interval.*5 to 300/,
    );
  });

  it.each([
    ["MOLECULE_WORKSPACE_TOKEN", { ...env, MOLECULE_WORKSPACE_TOKEN: "/run/secrets/token" }],
    ["entry 1", { ...env, MOLECULE_WORKSPACES: '[{"id":"a","token":"/run/secrets/token"}]' }],
  ])("says what was given instead of a token: %s", async (name, variables) => {
    expect((await problems({}, variables)).join()).toMatch(new RegExp(`${name}.* is the path of a file`));
  });

  it.each([
    "8DAD3E29-C32A-4EC7-9EA7-94FE2D2D98EC",
    "{8dad3e29-c32a-4ec7-9ea7-94fe2d2d98ec}",
    "urn:uuid:8dad3e29-c32a-4ec7-9ea7-94fe2d2d98ec",
  ])("shows how to write an id, and where the wrong one came from: %s", async (id) => {
    expect(await problems({}, { ...env, WORKSPACE_ID: id })).toEqual([
      expect.stringMatching(/^WORKSPACE_ID: .* Write the UUID in lower case/),
    ]);
    expect(await problems({ workspaceId: id }, env)).toEqual([expect.stringMatching(/^--workspace-id: /)]);
    const list = JSON.stringify([{ id: "8dad3e29-c32a-4ec7-9ea7-94fe2d2d98ec" }, { id }]);
    expect(await problems({}, { ...env, MOLECULE_WORKSPACES: list })).toEqual([
      expect.stringMatching(/entry 2: .*\n {2}Write the UUID in lower case, and nothing around it\.$/),
    ]);
  });

  it("shows the first problems of a long list, and how many more there are", async () => {
    const list = JSON.stringify(Array.from({ length: 500 }, () => ({ id: "a" })));
    const [reported = ""] = await problems({}, { ...env, MOLECULE_WORKSPACES: list });
    expect(reported).toContain("entry 2: the id a is also used by entry 1.");
    expect(reported.split("\n").length).toBeLessThan(30);
    expect(reported).toMatch(/and 479 more entries have problems\.$/);
  });

  it("rejects a list whose entries run into each other, of which the parser would keep one", async () => {
    const list = '[{"id":"a",\n"id":"b"}]';
    expect(await problems({}, { ...env, MOLECULE_WORKSPACES: list })).toEqual([
      expect.stringMatching(/^MOLECULE_WORKSPACES: it is ambiguous: line 2, column 1 /),
    ]);
  });

  it.each(["MOLECULE_ORG_ID", "MOLECULE_ORGANIZATION_ID"])(
    "rejects a tenant that no request can name in %s",
    async (name) => {
      expect(await problems({}, { ...env, [name]: "my org" })).toEqual([
        `${name} must be 1 to 128 printable ASCII characters without spaces.`,
      ]);
      expect(await problems({}, { ...env, [name]: " org-1\r" })).toEqual([]);
      const list = '[{"id":"a","platform_url":"https://platform.example"}]';
      expect(await problems({}, { MOLECULE_WORKSPACES: list, [name]: "my org" })).toEqual([]);
    },
  );

  it.each(["/etc/workspaces.json", "./list", "~/list", "@list.json", "list.json\r"])(
    "tells a list from its path: %s",
    async (path) => {
      expect(await problems({}, { ...env, MOLECULE_WORKSPACES: path })).toEqual([
        "MOLECULE_WORKSPACES takes the list itself; give its path with --workspaces-file.",
      ]);
    },
  );

  it("does not print a platform URL, which may hold a password", async () => {
    const reported = await problems({}, { ...env, PLATFORM_URL: "https://user:sesame@platform.example" });
    expect(reported.join()).toContain("credentials");
    expect(reported.join()).not.toContain("sesame");
  });

  it.each(["", " ", "x", "4.9", "301", "NaN", "Infinity"])("rejects an interval of %j", async (interval) => {
    expect(await problems({ interval }, env)).toHaveLength(1);
  });

  it("makes the agent card from its variables, and names the agent after the workspace without them", async () => {
    expect(cardFromEnvironment({})("8dad3e29-c32a-4ec7-9ea7-94fe2d2d98ec")).toEqual({
      name: "molecule-mcp-8dad3e29",
      skills: [],
    });
    const variables = {
      MOLECULE_AGENT_NAME: "Seven",
      MOLECULE_AGENT_DESCRIPTION: "d",
      MOLECULE_AGENT_SKILLS: "a, b,,",
    };
    expect(cardFromEnvironment(variables)("agent-7")).toEqual({
      name: "Seven",
      description: "d",
      skills: [{ name: "a" }, { name: "b" }],
    });
  });
});

describe("the file of the single workspace's token", () => {
  it("must exist when it is named, and is ignored with a list", async () => {
    const named = { ...env, MOLECULE_WORKSPACE_TOKEN_FILE: "/does/not/exist" };
    expect(await problems({}, named)).toEqual([
      "MOLECULE_WORKSPACE_TOKEN_FILE: The token in /does/not/exist cannot be read: there is no such file.",
    ]);
    expect(await problems({ interval: "1" }, named)).toHaveLength(2);
    const list = { ...named, MOLECULE_WORKSPACES: '[{"id":"a"}]' };
    expect((await loadConfig({}, list)).workspaces).toHaveLength(1);
    expect((await loadConfig({}, { ...env, MOLECULE_WORKSPACE_TOKEN_FILE: " " })).isFleet).toBe(false);
  });

  it("must not hold a placeholder", async () => {
    const path = join(temporaryDirectory(), "token");
    writeFileSync(path, "null\n", { mode: 0o600 });
    expect(await problems({}, { ...env, MOLECULE_WORKSPACE_TOKEN_FILE: path })).toEqual([
      expect.stringContaining(`_TOKEN_FILE: the text in ${path} is a placeholder, not a token`),
    ]);
  });
});

describe("a list of workspaces", () => {
  const list = '[{"id":"a","token":"token-of-a-0123456789"},{"id":"b","platform_url":"https://b.example"}]';

  function file(text: string): string {
    const path = join(temporaryDirectory(), "workspaces.json");
    writeFileSync(path, text);
    return path;
  }

  it("comes from MOLECULE_WORKSPACES, and then ignores the single workspace's variables", async () => {
    const { workspaces, isFleet } = await loadConfig({}, { ...env, MOLECULE_WORKSPACES: list });
    expect(isFleet).toBe(true);
    expect(workspaces).toEqual([
      {
        id: "a",
        token: "token-of-a-0123456789",
        platformUrl: "https://platform.example",
        ownPlatform: false,
        isListed: true,
      },
      { id: "b", platformUrl: "https://b.example", ownPlatform: true, isListed: true },
    ]);
  });

  it("prefers a file to the environment variable", async () => {
    const flags = { workspacesFile: file('[{"id":"c"}]') };
    const { workspaces } = await loadConfig(flags, { ...env, MOLECULE_WORKSPACES: list });
    expect(workspaces.map(({ id }) => id)).toEqual(["c"]);
  });

  it("needs no shared platform when each workspace names its own", async () => {
    const own = '[{"id":"b","platform_url":"https://b.example"}]';
    expect((await loadConfig({}, { MOLECULE_WORKSPACES: own })).workspaces).toHaveLength(1);
    expect((await problems({}, { MOLECULE_WORKSPACES: list })).join()).toContain("PLATFORM_URL is not set");
  });

  it("can be limited to one of its workspaces", async () => {
    const variables = { ...env, MOLECULE_WORKSPACES: list };
    expect((await loadConfig({ workspaceId: "b" }, variables)).workspaces.map(({ id }) => id)).toEqual(["b"]);
    expect((await problems({ workspaceId: "c" }, variables)).join()).toContain(
      "--workspace-id is not in the list.",
    );
  });

  it("that is empty is a problem, with its fix", async () => {
    for (const workspaceId of [undefined, "c"]) {
      const flags = workspaceId === undefined ? {} : { workspaceId };
      expect(await problems(flags, { ...env, MOLECULE_WORKSPACES: "[]" })).toEqual([
        expect.stringContaining("MOLECULE_WORKSPACES: the list is empty; put a workspace into it"),
      ]);
    }
    expect((await problems({ workspacesFile: file(" [ ] ") }, env)).join()).toContain("the list is empty");
  });

  it("reports all its problems with all others, and no token among them", async () => {
    const bad = '[{"id":"A","token":"secret-0123456789abc"},{"id":"b"},{"id":"b","platform_url":"nowhere"}]';
    const reported = (await problems({ interval: "1" }, { MOLECULE_WORKSPACES: bad })).join("\n");
    expect(reported).toMatch(
      /MOLECULE_WORKSPACES: [\s\S]*entry 1[\s\S]*entry 3[\s\S]*entry 3[\s\S]*--interval/,
    );
    expect(reported).not.toContain("secret-0123456789abc");
  });

  it("that cannot be read is one clear problem", async () => {
    expect((await problems({ workspacesFile: "/does/not/exist.json" }, env)).join()).toContain(
      "it cannot be read (ENOENT)",
    );
    expect((await problems({ workspacesFile: file("{") }, env)).join()).toMatch(
      /workspaces\.json: .*[\s\S]*not valid JSON/,
    );
  });
});
