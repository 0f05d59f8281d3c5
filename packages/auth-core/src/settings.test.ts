import { describe, expect, it, onTestFinished, vi } from "vitest";
import { authError } from "../test/support/errors.ts";
import type { Env } from "./headers.ts";
import { Settings } from "./settings.ts";

/** The settings of an environment that has this `PLATFORM_URL`, at the time of each call. */
function setUp(env: Record<string, string | undefined> = {}) {
  const settings = new Settings({ env });
  const read = (url: string | undefined) => {
    env.PLATFORM_URL = url;
    return settings.platform()?.origin ?? null;
  };
  return { env, settings, read };
}

describe("an environment variable", () => {
  it("is read live, and blank counts as unset", () => {
    const { read } = setUp({ PLATFORM_URL: "" });
    expect(read(undefined)).toBeNull();
    expect(read("https://a.example/x")).toBe("https://a.example");
    expect(read("https://b.example")).toBe("https://b.example");
    expect(read(" ")).toBeNull();
    expect(read(undefined)).toBeNull();
  });

  it("that is inherited counts as unset", () => {
    const env = Object.create({ PLATFORM_URL: "https://evil.example", MOLECULE_ORG_ID: "evil" });
    const settings = new Settings({ env });
    expect(settings.platform()).toBeNull();
    expect(settings.orgId()).toBeNull();
    env.PLATFORM_URL = "https://good.example";
    expect(settings.platform()?.origin).toBe("https://good.example");
    delete env.PLATFORM_URL;
    expect(settings.platform()).toBeNull();
  });

  it("is parsed once while it is unchanged, and each time if it is invalid", async () => {
    const { read } = setUp();
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

  it("is not read if there is an option", () => {
    const env: Env = { PLATFORM_URL: "nowhere", MOLECULE_ORG_ID: "two words" };
    const settings = new Settings({ env, platformUrl: " https://p.example/ ", orgId: " org-1 " });
    expect(settings.platform()).toStrictEqual({ origin: "https://p.example", url: "https://p.example" });
    expect(settings.orgId()).toBe("org-1");
  });
});

describe("the tenant", () => {
  it.each([false, 42, ["org-1"]])("is rejected if it is no string: %j", async (value) => {
    const id = value as unknown as string;
    const error = await authError("ORG_ID_INVALID", () => new Settings({ orgId: id }));
    expect(error.message).toMatch(/^orgId must be/);
    const settings = new Settings({ env: { MOLECULE_ORG_ID: id } });
    await authError("ORG_ID_INVALID", () => settings.orgId());
  });

  it("is MOLECULE_ORG_ID, else MOLECULE_ORGANIZATION_ID, whichever changes", () => {
    const { env, settings } = setUp({ MOLECULE_ORG_ID: " ", MOLECULE_ORGANIZATION_ID: "org-2" });
    expect(settings.orgId()).toBe("org-2");
    env.MOLECULE_ORGANIZATION_ID = "org-3";
    expect(settings.orgId()).toBe("org-3");
    env.MOLECULE_ORG_ID = "org-1";
    expect(settings.orgId()).toBe("org-1");
    env.MOLECULE_ORGANIZATION_ID = "two words";
    expect(settings.orgId()).toBe("org-1");
    env.MOLECULE_ORG_ID = undefined;
    expect(() => settings.orgId()).toThrow(/^MOLECULE_ORGANIZATION_ID must be/);
  });
});
