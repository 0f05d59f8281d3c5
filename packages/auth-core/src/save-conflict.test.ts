import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { systemError, testStorage } from "../test/support/storage.ts";
import { envToken, fileToken, newToken, rotatedToken } from "../test/support/tokens.ts";
import { createAuth } from "./create-auth.ts";
import type { AuthEvent } from "./events.ts";
import { memoryTokenStorage, type TokenStorage } from "./storage.ts";

function setUp(storage: TokenStorage) {
  const events: AuthEvent[] = [];
  const env = { PLATFORM_URL: "https://p.example", MOLECULE_WORKSPACE_TOKEN: envToken };
  const auth = createAuth({ storage, env, onEvent: (event) => events.push(event) });
  return { auth, events, types: () => events.map(({ type }) => type) };
}

it.each([
  ["another one", rotatedToken],
  ["the same one, received earlier,", newToken],
])(
  "an operator's token that cannot be stored is used, although %s meets a conflict only now",
  async (_, received) => {
    const storage = testStorage(fileToken);
    storage.writeFailure = systemError("ENOSPC", "no space left");
    const { auth, types } = setUp(storage);
    const saves = [auth.saveToken(received, { sentWith: null }), auth.saveToken(newToken)];
    await Promise.allSettled(saves);
    expect(types()).toStrictEqual(["save-conflict", "save-failed"]);
    expect(await auth.getToken()).toBe(newToken);
  },
);

it("does not replace what is not a text, and may be a token", async () => {
  const stored = Buffer.from(fileToken);
  const storage = { ...memoryTokenStorage(), read: () => stored as unknown as string };
  const replaced: unknown[] = [];
  storage.replace = (expected) => replaced.push(expected) > 0;
  const { auth, events } = setUp(storage);
  expect(await auth.getToken()).toBe(envToken);
  expect(events).toMatchObject([{ type: "source-failed", error: { code: "STORAGE_READ_FAILED" } }]);
  await authError("STORAGE_READ_FAILED", () => auth.saveToken(newToken, { sentWith: null }));
  expect(replaced).toStrictEqual([]);
});

it("replaces nothing in a storage whose answer for that is undefined", async () => {
  const inner = memoryTokenStorage();
  const read = async () => (await inner.read()) ?? (undefined as unknown as null);
  await setUp({ ...inner, read }).auth.saveToken(newToken, { sentWith: null });
  expect(await inner.read()).toBe(newToken);
});

const kinds = [
  ["with replace", (stored?: string) => memoryTokenStorage(stored)],
  ["without replace", (stored?: string) => testStorage(stored ?? null)],
] as const;

describe.each(kinds)("a received token, and a storage %s", (_, create) => {
  it.each([
    ["nothing", undefined, null],
    ["a blank", " \n", fileToken],
    ["the bearer of the request", fileToken, fileToken],
    ["the bearer of the request, with a line break", `${fileToken}\n`, ` ${fileToken}`],
  ])("replaces %s", async (_what, stored, sentWith) => {
    const storage = create(stored);
    const { auth, types } = setUp(storage);
    await auth.saveToken(newToken, { sentWith });
    expect(await storage.read()).toBe(newToken);
    expect(types()).toStrictEqual(["token-saved"]);
    expect(await auth.getToken()).toBe(newToken);
  });

  it("replaces a rejected token, and is not rewritten if already stored", async () => {
    const storage = create(fileToken);
    const { auth, events } = setUp(storage);
    auth.rejectToken(fileToken);
    await auth.saveToken(newToken, { sentWith: null });
    await auth.saveToken(newToken, { sentWith: rotatedToken });
    expect(events.slice(1)).toMatchObject([
      { type: "token-saved", written: true },
      { type: "token-saved", written: false },
    ]);
  });

  it.each([null, rotatedToken])("replaces no other one (sent with %s)", async (sentWith) => {
    const storage = create(fileToken);
    const { auth, events } = setUp(storage);
    const error = await authError("STORAGE_CONFLICT", () => auth.saveToken(newToken, { sentWith }));
    expect(error.message).toBe(
      `${storage.location} holds another token, which may be newer; this one stays in memory.`,
    );
    expect(await storage.read()).toBe(fileToken);
    expect(events).toStrictEqual([
      { type: "save-conflict", location: storage.location, token: "issd… (42 characters)", error },
    ]);
  });

  it("is then used after the stored one, and stored once that one is rejected", async () => {
    const storage = create(fileToken);
    const { auth } = setUp(storage);
    await authError("STORAGE_CONFLICT", () => auth.saveToken(newToken, { sentWith: null }));
    expect(await auth.getToken()).toBe(fileToken);
    auth.rejectToken(fileToken);
    expect(await auth.getToken()).toBe(newToken);
    expect((await auth.explain()).sources.map(({ source, state }) => `${source} ${state}`)).toStrictEqual([
      "cache used",
      "storage rejected",
      "unsaved shadowed",
      "fallback shadowed",
    ]);
    await auth.saveToken(newToken, { sentWith: null });
    expect(await storage.read()).toBe(newToken);
    expect(await auth.refreshCache()).toBe(newToken);
  });

  it("does not replace invalid text, which may contain a token", async () => {
    const storage = create(`Authorization: Bearer ${fileToken}`);
    const { auth } = setUp(storage);
    await authError("STORAGE_CONFLICT", () => auth.saveToken(newToken, { sentWith: null }));
    expect(await auth.getToken()).toBe(newToken);
  });

  it("is not lost while one sent earlier is still unsaved", async () => {
    const storage = create();
    const write = storage.write;
    const replace = storage.replace;
    const fail = () => {
      throw systemError("EROFS", "");
    };
    Object.assign(storage, { write: fail, ...(replace && { replace: fail }) });
    const { auth } = setUp(storage);
    await authError("STORAGE_WRITE_FAILED", () => auth.saveToken(newToken, { sentWith: null }));
    await authError("STORAGE_WRITE_FAILED", () => auth.saveToken(rotatedToken, { sentWith: null }));
    expect(await auth.getToken()).toBe(newToken);
    auth.rejectToken(newToken);
    expect(await auth.getToken()).toBe(rotatedToken);
    Object.assign(storage, { write, ...(replace && { replace }) });
    await auth.saveToken(rotatedToken, { sentWith: null });
    expect(await storage.read()).toBe(rotatedToken);
  });

  it("takes the place of the unsaved one that it was sent with", async () => {
    const storage = create();
    const fail = () => Promise.reject(systemError("EROFS", ""));
    Object.assign(storage, { write: fail, ...(storage.replace && { replace: fail }) });
    const { auth } = setUp(storage);
    await authError("STORAGE_WRITE_FAILED", () => auth.saveToken(newToken, { sentWith: null }));
    await authError("STORAGE_WRITE_FAILED", () => auth.saveToken(rotatedToken, { sentWith: newToken }));
    expect(await auth.getToken()).toBe(rotatedToken);
  });

  it("gives way to an operator's token, which replaces any stored one", async () => {
    const storage = create(fileToken);
    const { auth } = setUp(storage);
    await authError("STORAGE_CONFLICT", () => auth.saveToken(newToken, { sentWith: null }));
    await auth.saveToken(rotatedToken);
    expect(await storage.read()).toBe(rotatedToken);
    auth.rejectToken(rotatedToken);
    expect(await auth.getToken()).toBe(envToken);
  });

  it("gives way to an operator's token that cannot be stored, too", async () => {
    const storage = create(fileToken);
    const { auth } = setUp(storage);
    await authError("STORAGE_CONFLICT", () => auth.saveToken(newToken, { sentWith: null }));
    storage.write = () => Promise.reject(systemError("EROFS", ""));
    await authError("STORAGE_WRITE_FAILED", () => auth.saveToken(rotatedToken));
    expect(await auth.getToken()).toBe(rotatedToken);
  });

  it("still comes after the stored one when that is replaced by a newer one", async () => {
    const storage = create(fileToken);
    const { auth } = setUp(storage);
    await authError("STORAGE_CONFLICT", () => auth.saveToken(newToken, { sentWith: null }));
    await auth.saveToken(rotatedToken, { sentWith: fileToken });
    expect(await auth.refreshCache()).toBe(rotatedToken);
  });
});

describe("a storage that cannot be read", () => {
  it("is not overwritten with a received token", async () => {
    const storage = testStorage(fileToken);
    storage.readFailure = systemError("EIO", "");
    const { auth, types } = setUp(storage);
    await authError("STORAGE_READ_FAILED", () => auth.saveToken(newToken, { sentWith: null }));
    expect(storage.writes).toStrictEqual([]);
    expect(types()).toStrictEqual(["save-failed"]);
    expect(await auth.getToken()).toBe(newToken);
  });
});

describe("two received tokens at once", () => {
  it("one is stored, and the other is not lost", async () => {
    const storage = memoryTokenStorage();
    const [one, two] = [setUp(storage), setUp(storage)];
    const saves = await Promise.allSettled([
      one.auth.saveToken(newToken, { sentWith: null }),
      two.auth.saveToken(rotatedToken, { sentWith: null }),
    ]);
    expect(saves.map(({ status }) => status)).toStrictEqual(["fulfilled", "rejected"]);
    expect(await storage.read()).toBe(newToken);
    expect(await two.auth.getToken()).toBe(newToken);
    two.auth.rejectToken(newToken);
    expect(await two.auth.getToken()).toBe(rotatedToken);
  });

  it("equal tokens do not conflict", async () => {
    const good = memoryTokenStorage();
    const storage: TokenStorage = {
      ...good,
      replace(_expected, token) {
        // Another process stored it between the read and the write.
        Object.assign(storage, { replace: good.replace });
        return Promise.resolve(good.write(token)).then(() => false);
      },
    };
    const { auth, types } = setUp(storage);
    await auth.saveToken(newToken, { sentWith: null });
    expect(types()).toStrictEqual(["token-saved"]);
  });

  it("the save fails after three tries if the stored token keeps changing", async () => {
    let tries = 0;
    const storage: TokenStorage = {
      ...memoryTokenStorage(),
      replace() {
        tries += 1;
        return false;
      },
    };
    const { auth } = setUp(storage);
    await authError("STORAGE_CONFLICT", () => auth.saveToken(newToken, { sentWith: null }));
    expect(tries).toBe(3);
  });
});
