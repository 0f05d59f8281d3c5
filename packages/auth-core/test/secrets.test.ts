import { inspect } from "node:util";
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { checkToken, createAuth, createAuthFetch, parseWorkspaces, type TokenStorage } from "../src/index.ts";
import { always, timeoutMs } from "./support/runs.ts";
import { testStorage } from "./support/storage.ts";

vi.setConfig({ testTimeout: timeoutMs });

const tokenOfLength = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(..."QWXZqwxz79_~"), minLength, maxLength });

/** An error as careless libraries throw it, with the token everywhere. */
function careless(token: string): Error {
  const cause = new Error(token);
  return Object.assign(new Error(`cannot handle ${token}`, { cause }), {
    code: "EIO",
    token,
    value: { token },
  });
}

/** Does everything that can succeed or fail with these tokens, and returns everything visible from outside. */
async function everythingSeen(token: string, other: string): Promise<unknown[]> {
  const seen: unknown[] = [];
  const attempt = async (action: () => unknown) => {
    try {
      await action();
    } catch (error) {
      seen.push(error);
    }
  };
  const storage = testStorage(token);
  const env: Record<string, string | undefined> = {
    PLATFORM_URL: "https://p.example",
    MOLECULE_WORKSPACE_TOKEN: other,
  };
  const port: TokenStorage = {
    location: storage.location,
    read: () => storage.read(),
    write: (text) => storage.write(text),
    watch: (changed) => storage.watch?.(changed) ?? (() => {}),
  };
  const auth = createAuth({ storage: port, env, onEvent: (event) => seen.push(event) });
  const hop = (status: number, headers: Record<string, string>) => async () =>
    new Response(null, { status, headers });
  const redirected = createAuthFetch(auth, { fetch: hop(302, { location: `https://e.example/${token}` }) });
  const rejected = createAuthFetch(auth, { fetch: hop(401, {}) });
  seen.push(auth, redirected, port);

  seen.push(auth.watch());
  await auth.getToken();
  await attempt(() => redirected("https://p.example/x"));
  await rejected("https://p.example/x");
  await auth.saveToken(other);
  storage.change(token);
  storage.writeFailure = careless(other);
  await attempt(() => auth.saveToken(other));
  storage.readFailure = careless(token);
  auth.clearCache();
  for (const rejected of [token, other]) auth.rejectToken(rejected);
  await auth.refreshCache();
  auth.registerWorkspaceToken("a", token);
  auth.registerWorkspaceToken("a", other);
  seen.push(await auth.explain(), await auth.explain("a"), auth.listRegisteredWorkspaces());
  await attempt(() => auth.saveToken(`${token}\n${other}`));
  await attempt(() => auth.registerWorkspaceToken(`${token} ${other}`, token));
  await attempt(() => auth.registerWorkspaceToken("a", `${token}\0`));
  await attempt(() =>
    auth.registerWorkspaceToken("a", token, { platformUrl: `https://u:${token}@p.example` }),
  );
  await attempt(() => auth.authHeaders(token.toUpperCase()));
  await attempt(() => checkToken(token.repeat(5_000)));
  await attempt(() => parseWorkspaces(`[{"id":"${token}","token":"${token}\\n${other}"},"${token}"]`));
  await attempt(() => parseWorkspaces(`{"token":${token}}`));
  env.MOLECULE_ORG_ID = `${token} ${other}`;
  await attempt(() => auth.authHeaders());
  env.MOLECULE_WORKSPACE_TOKEN = `${token}\n`.repeat(2);
  env.PLATFORM_URL = `nowhere/${token}`;
  await auth.refreshCache();
  await attempt(() => rejected("https://p.example"));
  env.PLATFORM_URL = "";
  await attempt(() => rejected("https://p.example"));
  return seen;
}

it("incident 30: no error, event, inspection or JSON holds a token", async () => {
  const types = new Set<unknown>();
  const check = async (token: string, other: string) => {
    // The first four characters of a long token are shown, so the other token must not contain them.
    fc.pre(!other.includes(token.slice(0, 4)) && !token.includes(other.slice(0, 4)));
    const seen = await everythingSeen(token, other);
    for (const each of seen) {
      if (typeof each === "object" && each !== null)
        types.add(Reflect.get(each, "type") ?? Reflect.get(each, "code"));
    }
    const shown = [
      inspect(seen, {
        depth: null,
        showHidden: true,
        getters: true,
        maxStringLength: null,
        maxArrayLength: null,
      }),
      JSON.stringify(seen),
      ...seen.map((each) =>
        each instanceof Error ? `${each} ${each.stack} ${JSON.stringify(each)}` : String(each),
      ),
    ].join("\n");
    for (const secret of [token, other]) {
      // Of a long token, the first four characters may be shown; of a short one, nothing.
      const shownAtMost = secret.length < 16 ? 3 : 4;
      expect(shown.includes(secret.slice(0, shownAtMost + 1))).toBe(false);
      expect(shown.includes(secret.slice(-5))).toBe(false);
    }
  };
  const anyToken = fc.oneof(tokenOfLength(8, 15), tokenOfLength(16, 60));
  await always(fc.asyncProperty(anyToken, anyToken, check));

  const events = ["save-failed", "source-failed", "sources-disagree", "storage-changed"];
  const tokenEvents = ["token-rejected", "token-rotated", "token-saved"];
  const errors = ["ORG_ID_INVALID", "PLATFORM_URL_INVALID", "TOKEN_INVALID", "WORKSPACE_ID_INVALID"];
  const others = ["WORKSPACES_INVALID", "PLATFORM_UNKNOWN", "REDIRECT_REJECTED", "STORAGE_WRITE_FAILED"];
  // Every event and error occurred. STORAGE_READ_FAILED is part of source-failed.
  expect([...types].filter(Boolean).sort()).toStrictEqual(
    [...errors, ...others, ...events, ...tokenEvents].sort(),
  );
});
