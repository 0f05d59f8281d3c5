import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readEnvironment, resolvePaths } from "./environment.ts";

describe("the environment", () => {
  it("is passed on unchanged", () => {
    const env = { PLATFORM_URL: "https://platform.example" };
    expect(readEnvironment(env)).toBe(env);
  });

  it("may come from a file of variables with a byte order mark, which sticks to the first name", () => {
    const env = readEnvironment({ "\ufeffPLATFORM_URL": "https://platform.example", WORKSPACE_ID: "a" });
    expect(env.PLATFORM_URL).toBe("https://platform.example");
    expect(readEnvironment({ "\ufeffWORKSPACE_ID": "a", WORKSPACE_ID: "b" }).WORKSPACE_ID).toBe("b");
  });

  it("with quotes that no shell removed is rejected, listing all of them", () => {
    const read = () => readEnvironment({ PLATFORM_URL: '"https://platform.example"', WORKSPACE_ID: " 'a' " });
    expect(read).toThrow(/PLATFORM_URL is in quotes.*\n.*WORKSPACE_ID is in quotes/);
  });
});

describe("the path of the token's file", () => {
  const NAME = "MOLECULE_WORKSPACE_TOKEN_FILE";

  it("begins at the home directory with ~", () => {
    expect(readEnvironment({ HOME: "/home/seven", [NAME]: " ~/token " })[NAME]).toBe("/home/seven/token");
  });

  it.each([
    ["~bob/token", "another user's home directory"],
    ['"/run/secrets/token"', "in quotes"],
  ])("is rejected by its name when it is %s", (path, why) => {
    expect(() => readEnvironment({ HOME: "/home/seven", [NAME]: path })).toThrow(why);
    expect(() => readEnvironment({ HOME: "/home/seven", [NAME]: path })).toThrow(NAME);
  });
});

describe("a path of a flag", () => {
  const env = { HOME: "/home/seven" };

  it("begins at the home directory with ~, and is absolute", () => {
    const flags = { workspacesFile: "~/w.json", agentCard: " ~/cards/../card.json", configsDir: "~" };
    expect(resolvePaths(flags, env)).toEqual({
      workspacesFile: "/home/seven/w.json",
      agentCard: "/home/seven/card.json",
      configsDir: "/home/seven",
    });
    expect(resolvePaths({ workspacesFile: "w.json" }, env)).toEqual({
      workspacesFile: join(process.cwd(), "w.json"),
    });
    expect(resolvePaths({ agentCard: "~/card.json" }, {}).agentCard).toBe(join(homedir(), "card.json"));
    expect(resolvePaths({ agentCard: "/dev/stdin" }, env).agentCard).toBe("/dev/stdin");
  });

  it("is not blank, as an environment variable without a value makes it: all of them are named", () => {
    const flags = { workspacesFile: "", agentCard: " ", configsDir: "" };
    expect(() => resolvePaths(flags, env)).toThrow(
      /--workspaces-file must be a path.*\n.*--agent-card must be a path.*\n.*--configs-dir must be a path/,
    );
  });

  it.each([
    ["~bob/w.json", env, "another user's home directory"],
    ["~/w.json", { HOME: "" }, "HOME is empty"],
    ["~/w.json", { HOME: "home" }, "not an absolute path"],
    ["$HOME/w.json", env, "unexpanded variable"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as it is written in a unit file.
    ["${HOME}/w.json", env, "unexpanded variable"],
    ["%h/w.json", env, "unexpanded variable"],
    ['"/srv/w.json"', env, "quotes"],
  ])("%s is rejected, naming the flag", (workspacesFile, home, why) => {
    expect(() => resolvePaths({ workspacesFile }, home)).toThrow(why);
    expect(() => resolvePaths({ workspacesFile }, home)).toThrow("--workspaces-file");
  });
});
