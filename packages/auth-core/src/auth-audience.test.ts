import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { apartStorage, testStorage } from "../test/support/storage.ts";
import { envToken, fileToken, newToken, rotatedToken, workspaceToken } from "../test/support/tokens.ts";
import type { Auth } from "./auth.ts";
import { createAuth } from "./create-auth.ts";
import type { TokenStorage } from "./storage.ts";

const A = "https://a.example";
const B = "https://b.example";

function setUp(storage: TokenStorage, more: Record<string, string | undefined> = {}) {
  const env: Record<string, string | undefined> = { PLATFORM_URL: A, ...more };
  return { env, auth: createAuth({ storage, env }) };
}

describe("a platform URL that is not text", () => {
  it("counts as text if it is a URL, and a token never goes to the configured platform instead", async () => {
    const { auth } = setUp(testStorage(fileToken));
    const platformUrl = new URL(B) as unknown as string;
    auth.registerWorkspaceToken("a", workspaceToken, { platformUrl });
    expect(await auth.authHeaders("a")).toMatchObject({ Origin: B });
    const own = createAuth({ storage: testStorage(fileToken), env: { PLATFORM_URL: A }, platformUrl });
    expect(await own.authHeaders()).toMatchObject({ Origin: B });
  });

  it.each([5, false, {}, ["x"]])("is rejected if it is %j", async (other) => {
    const platformUrl = other as never;
    const { auth } = setUp(testStorage());
    await authError("PLATFORM_URL_INVALID", () => createAuth({ storage: testStorage(), platformUrl }));
    await authError("PLATFORM_URL_INVALID", () =>
      auth.registerWorkspaceToken("a", workspaceToken, { platformUrl }),
    );
    expect(auth.listRegisteredWorkspaces()).toStrictEqual([]);
  });
});

describe("a platform URL that changes at each read", () => {
  it("ends a lookup without a token, and gives no headers", async () => {
    let reads = 0;
    const env = {
      get PLATFORM_URL() {
        reads += 1;
        if (reads > 10_000) throw new Error("endless");
        return `https://${reads}.example`;
      },
    };
    const storage = testStorage(fileToken);
    const auth = createAuth({ storage, env });
    expect(await auth.getToken()).toBeNull();
    expect(storage.reads).toBe(20);
    expect(await auth.refreshCache()).toBeNull();
    expect(await auth.authHeaders()).toStrictEqual({});
  });
});

describe("when the configured platform changes", () => {
  it("a token that was used for the old one is not sent to the new one, wherever it comes from", async () => {
    const { auth, env } = setUp(testStorage(fileToken), { MOLECULE_WORKSPACE_TOKEN: envToken });
    auth.rejectToken(fileToken);
    expect((await auth.authHeaders()).Authorization).toBe(`Bearer ${envToken}`);
    await auth.saveToken(newToken);
    env.PLATFORM_URL = B;
    expect(await auth.authHeaders()).toStrictEqual({ Origin: B });
    expect(await auth.getToken()).toBeNull();
  });

  it("a workspace of another platform does not get a token that was used for the old one", async () => {
    const { auth } = setUp(testStorage(fileToken));
    expect((await auth.authHeaders()).Authorization).toBe(`Bearer ${fileToken}`);
    auth.registerWorkspaceToken("a-workspace", fileToken, { platformUrl: B });
    for (let call = 0; call < 2; call += 1)
      expect(await auth.authHeaders("a-workspace")).toStrictEqual({ Origin: B });
    expect((await auth.authHeaders()).Authorization).toBe(`Bearer ${fileToken}`);
  });

  it("the storage is read for the new platform's token, and keeps both", async () => {
    const { storage, stored } = apartStorage({ [A]: fileToken });
    const { auth, env } = setUp(storage);
    expect((await auth.authHeaders()).Authorization).toBe(`Bearer ${fileToken}`);
    env.PLATFORM_URL = B;
    expect(await auth.getToken()).toBeNull();
    await auth.saveToken(newToken);
    expect(stored).toStrictEqual({ [A]: fileToken, [B]: newToken });
    env.PLATFORM_URL = A;
    expect(await auth.authHeaders()).toStrictEqual({ Origin: A, Authorization: `Bearer ${fileToken}` });
    env.PLATFORM_URL = B;
    expect(await auth.authHeaders()).toStrictEqual({ Origin: B, Authorization: `Bearer ${newToken}` });
  });

  it("another spelling of the same platform keeps its token", async () => {
    const { auth, env } = setUp(testStorage(fileToken));
    await auth.getToken();
    for (const same of ["https://a.example/", "HTTPS://A.Example", "https://a.example:443/base"]) {
      env.PLATFORM_URL = same;
      expect((await auth.authHeaders()).Authorization).toBe(`Bearer ${fileToken}`);
    }
  });

  it.each([
    ["signature", (auth: Auth) => auth.authHeaders(), { Origin: B, Authorization: `Bearer ${rotatedToken}` }],
    ["read", (auth: Auth) => auth.getToken(), rotatedToken],
  ])(
    "during the first %s, the old platform's token does not count for the new one",
    async (_, ask, answer) => {
      const env = { PLATFORM_URL: A };
      const storage: TokenStorage = {
        location: "slow",
        async read(options) {
          const asked = options?.platformOrigin;
          env.PLATFORM_URL = B;
          return asked === A ? fileToken : rotatedToken;
        },
        write() {},
      };
      expect(await ask(createAuth({ storage, env }))).toStrictEqual(answer);
    },
  );

  it("during a read, a storage for one token only may already hold the new platform's", async () => {
    const storage = testStorage(fileToken);
    const { auth, env } = setUp(storage);
    const read = storage.read.bind(storage);
    storage.read = () => {
      env.PLATFORM_URL = B;
      return read();
    };
    expect(await auth.authHeaders()).toStrictEqual({ Origin: B, Authorization: `Bearer ${fileToken}` });
  });

  it("no token is sent once no platform is configured, and an unsaved one is kept for its own", async () => {
    const storage = testStorage(fileToken);
    storage.writeFailure = new Error("read-only");
    const { auth, env } = setUp(storage);
    await auth.getToken();
    await authError("STORAGE_WRITE_FAILED", () => auth.saveToken(newToken));
    for (const url of [undefined, " ", "nowhere"]) {
      env.PLATFORM_URL = url;
      expect(await auth.getToken()).toBeNull();
    }
    env.PLATFORM_URL = A;
    expect(await auth.getToken()).toBe(newToken);
  });

  it("a token used while none is configured may go to the one that is configured next", async () => {
    const storage = testStorage();
    const { auth, env } = setUp(storage);
    await auth.getToken();
    env.PLATFORM_URL = undefined;
    storage.stored = fileToken;
    expect(await auth.getToken()).toBe(fileToken);
    env.PLATFORM_URL = A;
    expect((await auth.authHeaders()).Authorization).toBe(`Bearer ${fileToken}`);
  });

  it("a token that the old one rejected is not marked for the new one", async () => {
    const { storage } = apartStorage({ [A]: fileToken, [B]: rotatedToken });
    const { auth, env } = setUp(storage);
    env.PLATFORM_URL = B;
    await auth.getToken();
    env.PLATFORM_URL = A;
    await auth.getToken();
    env.PLATFORM_URL = B;
    // A late 401 of a request to A.
    auth.rejectToken(fileToken);
    expect((await auth.explain()).used).toBe("storage");
    env.PLATFORM_URL = A;
    const { sources } = await auth.explain();
    expect(sources.find(({ source }) => source === "storage")?.lastResort).toBe(true);
  });

  it("explain reports whose the tokens are", async () => {
    const { auth, env } = setUp(testStorage(fileToken), { MOLECULE_WORKSPACE_TOKEN: envToken });
    await auth.getToken();
    env.PLATFORM_URL = B;
    const { used, sources } = await auth.explain();
    expect(used).toBe("fallback");
    expect(sources.map(({ state }) => state)).toStrictEqual(["empty", "empty", "other-platform", "used"]);
  });
});

describe("a token that is saved", () => {
  it("late, after the platform changed, is kept for its own platform", async () => {
    const { storage, stored } = apartStorage({});
    const { auth, env } = setUp(storage);
    env.PLATFORM_URL = B;
    await auth.saveToken(newToken, { sentWith: null, platformOrigin: "https://A.example:443/" });
    expect(stored).toStrictEqual({ [A]: newToken });
    expect(await auth.authHeaders()).toStrictEqual({ Origin: B });
    env.PLATFORM_URL = A;
    expect((await auth.authHeaders()).Authorization).toBe(`Bearer ${newToken}`);
  });

  it("late does not overwrite the new platform's token, in a storage for one token only", async () => {
    const storage = testStorage(rotatedToken);
    const { auth, env } = setUp(storage);
    env.PLATFORM_URL = B;
    await auth.getToken();
    await authError("STORAGE_CONFLICT", () =>
      auth.saveToken(newToken, { sentWith: null, platformOrigin: A }),
    );
    expect(storage.stored).toBe(rotatedToken);
    env.PLATFORM_URL = A;
    expect((await auth.authHeaders()).Authorization).toBe(`Bearer ${newToken}`);
  });

  it("for one platform is not saved for another", async () => {
    const { auth, env } = setUp(testStorage());
    await auth.saveToken(newToken);
    env.PLATFORM_URL = B;
    const error = await authError("TOKEN_INVALID", () => auth.saveToken(newToken));
    expect(error.message).toBe("The token belongs to another platform.");
    await authError("PLATFORM_URL_INVALID", () => auth.saveToken(rotatedToken, { platformOrigin: "b" }));
  });

  it("before a platform is configured belongs to the first one only", async () => {
    const storage = testStorage();
    storage.writeFailure = new Error("read-only");
    const { auth, env } = setUp(storage, { PLATFORM_URL: undefined });
    await authError("STORAGE_WRITE_FAILED", () => auth.saveToken(newToken));
    expect(await auth.authHeaders()).toStrictEqual({ Authorization: `Bearer ${newToken}` });
    for (const origin of [A, B]) {
      env.PLATFORM_URL = origin;
      expect((await auth.authHeaders()).Authorization).toBe(origin === A ? `Bearer ${newToken}` : undefined);
    }
  });
});

describe("a registered workspace's token", () => {
  it("is not sent to the platform that is configured later", async () => {
    const { auth, env } = setUp(testStorage(fileToken));
    auth.registerWorkspaceToken("a", workspaceToken);
    env.PLATFORM_URL = B;
    expect(await auth.authHeaders("a")).toStrictEqual({ Origin: B });
    expect((await auth.explain("a")).used).toBeNull();
    env.PLATFORM_URL = A;
    expect((await auth.selfSourceHeaders("a")).Authorization).toBe(`Bearer ${workspaceToken}`);
  });

  it("stays with its platform when the workspace moves to another one", async () => {
    const { auth } = setUp(testStorage(fileToken));
    auth.registerWorkspaceToken("a", workspaceToken, { platformUrl: A });
    auth.registerWorkspaceToken("a", workspaceToken, { platformUrl: B });
    expect(await auth.authHeaders("a")).toStrictEqual({ Origin: B });
    auth.registerWorkspaceToken("a", rotatedToken);
    expect(await auth.authHeaders("a")).toStrictEqual({ Origin: B, Authorization: `Bearer ${rotatedToken}` });
  });

  it("is not replaced by the single-workspace token on another platform", async () => {
    const { auth } = setUp(testStorage(workspaceToken));
    auth.registerWorkspaceToken("a", workspaceToken, { platformUrl: B });
    expect(await auth.authHeaders()).toStrictEqual({ Origin: A });
  });

  it("is remembered as its platform's, however many tokens follow", async () => {
    const { auth, env } = setUp(testStorage(fileToken));
    for (let n = 0; n < 300; n += 1) auth.registerWorkspaceToken(`w-${n}`, `token-of-workspace-number-${n}`);
    env.PLATFORM_URL = B;
    for (let n = 0; n < 300; n += 1) expect(await auth.authHeaders(`w-${n}`)).toStrictEqual({ Origin: B });
  });
});

it("many tokens of another platform do not displace the first platform's", async () => {
  const { auth, env } = setUp(testStorage(), { MOLECULE_WORKSPACE_TOKEN: envToken });
  await auth.getToken();
  env.PLATFORM_URL = B;
  for (let n = 0; n < 300; n += 1) await auth.saveToken(`token-number-${n}-of-the-other-platform`);
  auth.rejectToken("token-number-299-of-the-other-platform");
  expect((await auth.authHeaders()).Authorization).toBe("Bearer token-number-299-of-the-other-platform");
});
