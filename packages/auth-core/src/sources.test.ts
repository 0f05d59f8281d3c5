import { describe, expect, it } from "vitest";
import { systemError, testStorage } from "../test/support/storage.ts";
import { envToken, fileToken, newToken, rotatedToken } from "../test/support/tokens.ts";
import { createAuth } from "./create-auth.ts";
import type { AuthEvent } from "./events.ts";
import { envTokenSource } from "./sources.ts";
import type { AccessOptions, TokenSource } from "./storage.ts";

function source(location: string, token: string | null) {
  const asked: (AccessOptions | undefined)[] = [];
  const one: TokenSource = {
    location,
    async read(options) {
      asked.push(options);
      return token;
    },
  };
  return { one, asked };
}

describe("envTokenSource", () => {
  it("reads its environment variable live, by default MOLECULE_WORKSPACE_TOKEN", async () => {
    const env: Record<string, string | undefined> = { MOLECULE_WORKSPACE_TOKEN: envToken };
    const [standard, other] = [envTokenSource(env), envTokenSource(env, "AGENT_TOKEN")];
    expect([standard.location, other.location]).toStrictEqual(["MOLECULE_WORKSPACE_TOKEN", "AGENT_TOKEN"]);
    expect([await standard.read(), await other.read()]).toStrictEqual([envToken, null]);
    env.AGENT_TOKEN = newToken;
    expect(await other.read()).toBe(newToken);
  });

  it("ignores an inherited property of the environment", async () => {
    expect(await envTokenSource(Object.create({ MOLECULE_WORKSPACE_TOKEN: envToken })).read()).toBeNull();
  });
});

describe("fallbacks", () => {
  it("are read in order after the storage, until one has a token", async () => {
    const [first, second, third] = [
      source("first", null),
      source("second", newToken),
      source("third", envToken),
    ];
    const storage = testStorage(" ");
    const auth = createAuth({ storage, fallback: [first.one, second.one, third.one] });
    expect(await auth.getToken()).toBe(newToken);
    expect([storage.reads, first.asked.length, second.asked.length, third.asked.length]).toStrictEqual([
      1, 1, 1, 0,
    ]);
    auth.rejectToken(newToken);
    expect(await auth.getToken()).toBe(envToken);
  });

  it("are not read while the storage has an unrejected token", async () => {
    const command = source("a command", newToken);
    const auth = createAuth({ storage: testStorage(fileToken), fallback: [command.one] });
    expect(await auth.getToken()).toBe(fileToken);
    expect(command.asked).toStrictEqual([]);
    expect((await auth.explain()).sources.at(-1)).toMatchObject({ location: "a command", state: "shadowed" });
  });

  it("receive the platform origin and a signal", async () => {
    const command = source("a command", newToken);
    const platformUrl = "https://p.example/base";
    await createAuth({ storage: testStorage(), platformUrl, fallback: [command.one] }).getToken();
    await createAuth({ storage: testStorage(), fallback: [command.one] }).getToken();
    expect(command.asked.map((options) => options?.platformOrigin)).toStrictEqual([
      "https://p.example",
      undefined,
    ]);
    expect(command.asked[0]?.signal).toBeInstanceOf(AbortSignal);
  });

  it("may be an empty list", async () => {
    const env = { MOLECULE_WORKSPACE_TOKEN: envToken };
    expect(await createAuth({ storage: testStorage(), env, fallback: [] }).getToken()).toBeNull();
  });

  it("that fail are reported with their location, and the next one is read", async () => {
    const events: AuthEvent[] = [];
    const broken: TokenSource = {
      location: "a keyring",
      read() {
        throw systemError("ENOENT", rotatedToken);
      },
    };
    const header = source("a header", `Bearer ${rotatedToken}`);
    const good = source("good", envToken);
    const auth = createAuth({
      storage: testStorage(),
      fallback: [broken, header.one, good.one],
      onEvent: (event) => events.push(event),
    });
    expect(await auth.getToken()).toBe(envToken);
    expect(events).toMatchObject([
      {
        type: "source-failed",
        source: "fallback",
        location: "a keyring",
        error: { code: "STORAGE_READ_FAILED" },
      },
      { type: "source-failed", source: "fallback", location: "a header", error: { code: "TOKEN_INVALID" } },
    ]);
  });
});

describe("the options platformUrl and orgId", () => {
  it("override the environment variables", async () => {
    const env = { PLATFORM_URL: "https://other.example", MOLECULE_ORG_ID: "other" };
    const options = { storage: testStorage(), env, platformUrl: " https://p.example/base//", orgId: "org-1" };
    const auth = createAuth(options);
    expect(await auth.authHeaders()).toStrictEqual({
      Origin: "https://p.example",
      "X-Molecule-Org-Id": "org-1",
    });
    expect([auth.platformOrigin(), auth.platformUrl()]).toStrictEqual([
      "https://p.example",
      "https://p.example/base",
    ]);
  });

  it("count as unset when blank, and throw when invalid", async () => {
    const storage = testStorage();
    const env = { PLATFORM_URL: "https://p.example" };
    expect(createAuth({ storage, env, platformUrl: " ", orgId: "" }).platformOrigin()).toBe(
      "https://p.example",
    );
    expect(() => createAuth({ storage, platformUrl: "nowhere" })).toThrow(/^platformUrl must be/);
    expect(() => createAuth({ storage, orgId: "two words" })).toThrow(/^orgId must be/);
  });
});
