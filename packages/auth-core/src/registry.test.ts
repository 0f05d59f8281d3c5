import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { Registry } from "./registry.ts";

describe("registry", () => {
  it("stores tokens by trimmed id, in order of registration", () => {
    const registry = new Registry();
    registry.register(" b ", " token-b ");
    registry.register("a", "token-a");
    registry.register("b", "token-b2");
    expect(registry.ids()).toStrictEqual(["b", "a"]);
    expect(registry.get("b")).toStrictEqual({
      id: "b",
      token: "token-b2",
      platform: null,
      audience: null,
    });
    expect(registry.get(" b ")).toBeUndefined();
  });

  it("returns the previous entry only if the token was replaced", () => {
    const registry = new Registry();
    expect(registry.register("a", "one")).toBeUndefined();
    expect(registry.register("a", " one ")).toBeUndefined();
    expect(registry.register("a", "two")).toMatchObject({ id: "a", token: "one" });
  });

  it.each([
    ["", "token"],
    [" ", "token"],
    ["a", ""],
    ["a", "\n"],
    ["BAD ID", " "],
  ])("ignores id %j with token %j", (id, token) => {
    const registry = new Registry();
    expect(registry.register(id, token)).toBeUndefined();
    expect(registry.ids()).toStrictEqual([]);
  });

  it("keeps a workspace's own platform until another one is given", () => {
    const registry = new Registry();
    registry.register("a", "one", "https://a.example/base");
    expect(registry.get("a")?.platform?.origin).toBe("https://a.example");
    registry.register("a", "two");
    registry.register("a", "two", " ");
    expect(registry.get("a")?.platform?.origin).toBe("https://a.example");
    registry.register("a", "two", "https://b.example");
    expect(registry.get("a")).toMatchObject({ token: "two", platform: { origin: "https://b.example" } });
  });

  it("changes nothing if the id, token or URL is invalid", async () => {
    const registry = new Registry();
    registry.register("a", "one");
    await authError("WORKSPACE_ID_INVALID", () => registry.register("A", "two"));
    await authError("TOKEN_INVALID", () => registry.register("a", "t\nwo"));
    const error = await authError("PLATFORM_URL_INVALID", () => registry.register("a", "two", "nowhere"));
    expect(error.message).toMatch(/^The platform URL of a must be/);
    expect(registry.ids()).toStrictEqual(["a"]);
    expect(registry.get("a")).toMatchObject({ id: "a", token: "one", platform: null });
  });

  it("returns a list that its caller may change", () => {
    const registry = new Registry();
    registry.register("a", "one");
    registry.ids().push("b");
    expect(registry.ids()).toStrictEqual(["a"]);
  });

  it("is empty once cleared", () => {
    const registry = new Registry();
    registry.register("a", "one", "https://a.example");
    registry.clear();
    expect(registry.ids()).toStrictEqual([]);
    expect(registry.register("a", "two")).toBeUndefined();
    expect(registry.get("a")?.platform).toBeNull();
  });
});
