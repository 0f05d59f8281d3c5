import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { systemError, testStorage } from "../test/support/storage.ts";
import { envToken, fileToken, issuedToken, rotatedToken } from "../test/support/tokens.ts";
import { createAuth } from "./create-auth.ts";
import type { AuthEvent } from "./events.ts";
import { memoryTokenStorage, type TokenStorage } from "./storage.ts";

function setUp(storage: TokenStorage) {
  const events: AuthEvent[] = [];
  const env = { PLATFORM_URL: "https://p.example", MOLECULE_WORKSPACE_TOKEN: envToken };
  const auth = createAuth({ storage, env, onEvent: (event) => events.push(event) });
  return { auth, events, types: () => events.map(({ type }) => type) };
}

const kinds = [
  ["with replace", (stored?: string) => memoryTokenStorage(stored)],
  ["without replace", (stored?: string) => testStorage(stored ?? null)],
] as const;

describe.each(kinds)("a token that an answer brought, and a storage %s", (_, create) => {
  it.each([
    ["nothing", undefined, null],
    ["a blank", " \n", fileToken],
    ["the bearer of the request", fileToken, fileToken],
    ["the bearer of the request, with a line break", `${fileToken}\n`, ` ${fileToken}`],
  ])("replaces %s", async (_what, stored, sentWith) => {
    const storage = create(stored);
    const { auth, types } = setUp(storage);
    await auth.saveToken(issuedToken, { sentWith });
    expect(await storage.read()).toBe(issuedToken);
    expect(types()).toStrictEqual(["token-saved"]);
    expect(await auth.getToken()).toBe(issuedToken);
  });

  it("replaces a token that was seen rejected, and is no news when it is stored already", async () => {
    const storage = create(fileToken);
    const { auth, events } = setUp(storage);
    auth.rejectToken(fileToken);
    await auth.saveToken(issuedToken, { sentWith: null });
    await auth.saveToken(issuedToken, { sentWith: rotatedToken });
    expect(events.slice(1)).toMatchObject([
      { type: "token-saved", written: true },
      { type: "token-saved", written: false },
    ]);
  });

  it.each([null, rotatedToken])("replaces no other one (sent with %s)", async (sentWith) => {
    const storage = create(fileToken);
    const { auth, events } = setUp(storage);
    const error = await authError("STORAGE_CONFLICT", () => auth.saveToken(issuedToken, { sentWith }));
    expect(error.message).toBe(
      `${storage.location} holds another token, which may be newer; this one stays in memory.`,
    );
    expect(await storage.read()).toBe(fileToken);
    expect(events).toStrictEqual([
      { type: "save-conflict", location: storage.location, token: "issd… (42 characters)", error },
    ]);
  });

  it("is tried after the stored one then, and stored once that one was rejected", async () => {
    const storage = create(fileToken);
    const { auth } = setUp(storage);
    await authError("STORAGE_CONFLICT", () => auth.saveToken(issuedToken, { sentWith: null }));
    expect(await auth.getToken()).toBe(fileToken);
    auth.rejectToken(fileToken);
    expect(await auth.getToken()).toBe(issuedToken);
    expect((await auth.explain()).sources.map(({ source, state }) => `${source} ${state}`)).toStrictEqual([
      "cache used",
      "storage rejected",
      "unsaved shadowed",
      "fallback shadowed",
    ]);
    await auth.saveToken(issuedToken, { sentWith: null });
    expect(await storage.read()).toBe(issuedToken);
    expect(await auth.refreshCache()).toBe(issuedToken);
  });

  it("does not replace what is no token: it may hold one", async () => {
    const storage = create(`Authorization: Bearer ${fileToken}`);
    const { auth } = setUp(storage);
    await authError("STORAGE_CONFLICT", () => auth.saveToken(issuedToken, { sentWith: null }));
    expect(await auth.getToken()).toBe(issuedToken);
  });

  it("is not lost when another one, sent earlier, is still unsaved", async () => {
    const storage = create();
    const write = storage.write;
    const replace = storage.replace;
    const fail = () => {
      throw systemError("EROFS", "");
    };
    Object.assign(storage, { write: fail, ...(replace && { replace: fail }) });
    const { auth } = setUp(storage);
    await authError("STORAGE_WRITE_FAILED", () => auth.saveToken(issuedToken, { sentWith: null }));
    await authError("STORAGE_WRITE_FAILED", () => auth.saveToken(rotatedToken, { sentWith: null }));
    expect(await auth.getToken()).toBe(issuedToken);
    auth.rejectToken(issuedToken);
    expect(await auth.getToken()).toBe(rotatedToken);
    Object.assign(storage, { write, ...(replace && { replace }) });
    await auth.saveToken(rotatedToken, { sentWith: null });
    expect(await storage.read()).toBe(rotatedToken);
  });

  it("gives way to an operator's, which replaces whatever is stored", async () => {
    const storage = create(fileToken);
    const { auth } = setUp(storage);
    await authError("STORAGE_CONFLICT", () => auth.saveToken(issuedToken, { sentWith: null }));
    await auth.saveToken(rotatedToken);
    expect(await storage.read()).toBe(rotatedToken);
    auth.rejectToken(rotatedToken);
    expect(await auth.getToken()).toBe(envToken);
  });
});

describe("a storage that cannot be read", () => {
  it("is not written by an answer, because it may hold anything", async () => {
    const storage = testStorage(fileToken);
    storage.readFailure = systemError("EIO", "");
    const { auth, types } = setUp(storage);
    await authError("STORAGE_READ_FAILED", () => auth.saveToken(issuedToken, { sentWith: null }));
    expect(storage.writes).toStrictEqual([]);
    expect(types()).toStrictEqual(["save-failed"]);
    expect(await auth.getToken()).toBe(issuedToken);
  });
});

describe("of two at once", () => {
  it("with one storage, one wins, and the other one is not lost", async () => {
    const storage = memoryTokenStorage();
    const [one, two] = [setUp(storage), setUp(storage)];
    const saves = await Promise.allSettled([
      one.auth.saveToken(issuedToken, { sentWith: null }),
      two.auth.saveToken(rotatedToken, { sentWith: null }),
    ]);
    expect(saves.map(({ status }) => status)).toStrictEqual(["fulfilled", "rejected"]);
    expect(await storage.read()).toBe(issuedToken);
    expect(await two.auth.getToken()).toBe(issuedToken);
    two.auth.rejectToken(issuedToken);
    expect(await two.auth.getToken()).toBe(rotatedToken);
  });

  it("the same token is no conflict", async () => {
    const good = memoryTokenStorage();
    const storage: TokenStorage = {
      ...good,
      replace(_expected, token) {
        // Another process stored it between the read and now.
        Object.assign(storage, { replace: good.replace });
        return Promise.resolve(good.write(token)).then(() => false);
      },
    };
    const { auth, types } = setUp(storage);
    await auth.saveToken(issuedToken, { sentWith: null });
    expect(types()).toStrictEqual(["token-saved"]);
  });

  it("a storage that always has another one is given up after three tries", async () => {
    let tries = 0;
    const storage: TokenStorage = {
      ...memoryTokenStorage(),
      replace() {
        tries += 1;
        return false;
      },
    };
    const { auth } = setUp(storage);
    await authError("STORAGE_CONFLICT", () => auth.saveToken(issuedToken, { sentWith: null }));
    expect(tries).toBe(3);
  });
});
