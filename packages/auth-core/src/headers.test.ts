import { describe, expect, it, onTestFinished, vi } from "vitest";
import { authError } from "../test/support/errors.ts";
import { buildHeaders, checkOrgId, Variable } from "./headers.ts";
import { platformOrigin } from "./platform-url.ts";

describe("buildHeaders", () => {
  it("sets each header under its name", () => {
    const parts = { origin: "https://p.example", token: "t-1", orgId: "org", sourceId: "agent-7" };
    expect(buildHeaders(parts)).toStrictEqual({
      Origin: "https://p.example",
      Authorization: "Bearer t-1",
      "X-Molecule-Org-Id": "org",
      "X-Workspace-ID": "agent-7",
    });
  });

  it("omits headers without a value", () => {
    expect(buildHeaders({ origin: null, token: null, orgId: null, sourceId: null })).toStrictEqual({});
  });
});

describe("checkOrgId", () => {
  it("accepts 1 to 128 printable characters", () => {
    expect(checkOrgId("!", "ORG")).toBe("!");
    expect(checkOrgId("~".repeat(128), "ORG")).toBe("~".repeat(128));
  });

  it.each([["two words"], ["a\nb"], ["ü"], ["x".repeat(129)], ["a\x7f"]])(
    "rejects %j, naming the environment variable, not its value",
    async (value) => {
      const { message } = await authError("ORG_ID_INVALID", () => checkOrgId(value, "MOLECULE_ORG_ID"));
      expect(message).toMatch(/^MOLECULE_ORG_ID must be 1 to 128 printable ASCII characters/);
      expect(message).not.toContain(value);
    },
  );
});

describe("Variable", () => {
  it("reads its environment variable live, treating blank as unset", () => {
    const env: Record<string, string | undefined> = { PLATFORM_URL: "" };
    const variable = new Variable(env, "PLATFORM_URL", platformOrigin);
    const read = (text: string | undefined) => {
      env.PLATFORM_URL = text;
      return variable.of(env.PLATFORM_URL);
    };
    expect(read(undefined)).toBeNull();
    expect(read("https://a.example/x")).toBe("https://a.example");
    expect(read("https://b.example")).toBe("https://b.example");
    expect(read(" ")).toBeNull();
    expect(read(undefined)).toBeNull();
  });

  it("treats an inherited property as unset", () => {
    const env = Object.create({ PLATFORM_URL: "https://evil.example" });
    const variable = new Variable(env, "PLATFORM_URL", platformOrigin);
    const read = (text: string | undefined) => variable.of(text);
    expect(read(env.PLATFORM_URL)).toBeNull();
    env.PLATFORM_URL = "https://good.example";
    expect(read(env.PLATFORM_URL)).toBe("https://good.example");
    delete env.PLATFORM_URL;
    expect(read(env.PLATFORM_URL)).toBeNull();
  });

  it("parses an unchanged URL once, and an unusable one each time", async () => {
    const variable = new Variable({ PLATFORM_URL: "" }, "PLATFORM_URL", platformOrigin);
    const read = (text: string) => variable.of(text);
    let parsed = 0;
    class CountingUrl extends URL {
      constructor(url: string) {
        super(url);
        parsed += 1;
      }
    }
    vi.stubGlobal("URL", CountingUrl);
    onTestFinished(() => void vi.unstubAllGlobals());
    read("https://a.example");
    expect(read("https://a.example")).toBe("https://a.example");
    expect(parsed).toBe(1);
    for (const _ of [1, 2]) {
      const error = await authError("PLATFORM_URL_INVALID", () => read("nowhere"));
      expect(error.message).toMatch(/^PLATFORM_URL must be/);
    }
  });
});
