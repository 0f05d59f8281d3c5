import { expect, it } from "vitest";
import { createAuthFetch } from "../src/auth-fetch.ts";
import { createAuth } from "../src/create-auth.ts";
import type { AuthEvent } from "../src/events.ts";
import { lettingIn, startServer } from "./support/server.ts";
import { systemError, testStorage } from "./support/storage.ts";
import { envToken, fileToken, newToken, rotatedToken } from "./support/tokens.ts";

// Past incidents. The tests of 6, 7 and 11 are next to the code that they cover.

function setUp(stored: string | null, fromEnv?: string) {
  const storage = testStorage(stored);
  const events: AuthEvent[] = [];
  const env: Record<string, string | undefined> = { MOLECULE_WORKSPACE_TOKEN: fromEnv };
  const auth = createAuth({ storage, env, onEvent: (event) => events.push(event) });
  return { auth, storage, env, events };
}

it.each([
  ["file", envToken, [fileToken, envToken, envToken]],
  ["environment variable", fileToken, [fileToken, fileToken, fileToken]],
])(
  "incident 21: with a stale %s, the other token is used after at most one 401",
  async (_, valid, expected) => {
    const { auth, env, events } = setUp(fileToken, envToken);
    const server = await startServer(lettingIn(new Set([valid])));
    env.PLATFORM_URL = server.origin;
    const used: (string | null)[] = [];
    for (const _ of expected) {
      const token = await auth.getToken();
      used.push(token);
      const response = await fetch(server.origin, { headers: await auth.authHeaders() });
      if (response.status === 401 && token !== null) auth.rejectToken(token);
      await auth.refreshCache();
    }
    expect(used).toStrictEqual(expected);
    expect(events.filter(({ type }) => type === "sources-disagree")).toHaveLength(1);
    expect((await createAuthFetch(auth)(server.origin)).status).toBe(200);
  },
);

it("incident 21: a newly set environment variable comes before a rejected file, and a rewritten file before both", async () => {
  const { auth, storage, env } = setUp(fileToken, envToken);
  auth.rejectToken(fileToken);
  auth.rejectToken(envToken);
  env.MOLECULE_WORKSPACE_TOKEN = newToken;
  expect(await auth.getToken()).toBe(newToken);
  storage.stored = rotatedToken;
  expect(await auth.refreshCache()).toBe(rotatedToken);
});

it("incident 27: a token received between two requests is on the next one, stored or not", async () => {
  const server = await startServer(lettingIn(new Set([newToken])));
  const { auth, env, storage } = setUp(fileToken, envToken);
  env.PLATFORM_URL = server.origin;
  const send = createAuthFetch(auth);
  await auth.getToken();
  storage.writeFailure = systemError("EROFS", "");
  await auth.saveToken(newToken).catch(() => {});
  expect((await send(server.origin)).status).toBe(200);
  expect(server.received.map(({ headers }) => headers.authorization)).toStrictEqual([`Bearer ${newToken}`]);
});

it("incident 28: saved, then refreshed, it is the saved token and not the stale environment variable", async () => {
  const { auth, storage } = setUp(null, envToken);
  expect(await auth.getToken()).toBe(envToken);
  await auth.saveToken(newToken);
  expect(await auth.refreshCache()).toBe(newToken);
  storage.readFailure = systemError("EIO", "");
  storage.writeFailure = systemError("EIO", "");
  await auth.saveToken(rotatedToken).catch(() => {});
  expect(await auth.refreshCache()).toBe(rotatedToken);
});

it("incident 29: a cached token is written if the file was removed, and one from the environment if there was no file", async () => {
  const deleted = setUp(fileToken);
  await deleted.auth.getToken();
  deleted.storage.stored = null;
  await deleted.auth.saveToken(fileToken);
  expect(deleted.storage.stored).toBe(fileToken);

  const onlyVariable = setUp(null, envToken);
  await onlyVariable.auth.getToken();
  await onlyVariable.auth.saveToken(envToken);
  expect(onlyVariable.storage.stored).toBe(envToken);
});

it("incident 29: a cached token is written over one that another process stored", async () => {
  const { auth, storage, events } = setUp(fileToken);
  await auth.getToken();
  storage.stored = rotatedToken;
  await auth.saveToken(fileToken);
  expect(storage.stored).toBe(fileToken);
  expect(events).toMatchObject([{ type: "token-saved", written: true }]);
});
