import {
  type Auth,
  AuthError,
  type AuthErrorCode,
  type AuthEvent,
  type AuthOptions,
  createAuth,
  createAuthFetch,
  type Explanation,
  isAuthError,
  memoryTokenStorage,
  parseWorkspaces,
  type TokenStorage,
  validateWorkspaceId,
  type WorkspaceEntry,
} from "@x/auth-core";

/** A custom storage, with and without promises. */
const storage: TokenStorage = {
  location: "an environment variable",
  read: () => null,
  write: async (_token: string) => {},
};

const options: AuthOptions = {
  storage,
  env: { PLATFORM_URL: "https://platform.example" },
  onEvent(event: AuthEvent) {
    if (event.type === "save-failed") describe(event.error);
  },
};

const auth: Auth = createAuth(options);

function describe(error: AuthError): AuthErrorCode {
  return error.code;
}

export async function use(): Promise<readonly WorkspaceEntry[]> {
  const { getToken, saveToken } = createAuth({ storage: memoryTokenStorage("initial") });
  const token: string | null = await getToken();
  try {
    await saveToken(token ?? "issued");
  } catch (error) {
    if (isAuthError(error) && error.code === "STORAGE_WRITE_FAILED")
      throw new AuthError("TOKEN_INVALID", error.message);
  }
  const headers: Record<string, string> = await auth.authHeaders(validateWorkspaceId("agent-7"));
  const explanation: Explanation = await auth.explain(headers.Origin ?? null);
  const stop: () => void = auth.watch();
  stop();
  const { sources } = explanation;
  // @ts-expect-error: explanations are read-only
  sources.length = 0;
  // @ts-expect-error: a storage is required
  createAuth({});
  // @ts-expect-error: an option of that name does not exist
  createAuth({ storage, environment: {} });
  // @ts-expect-error: a storage reads text
  createAuth({ storage: { ...storage, read: () => 7 } });
  // @ts-expect-error: an option of that name does not exist
  createAuthFetch(auth, { workspace: "a" });
  // @ts-expect-error: a token is text
  await saveToken(7);
  await createAuthFetch(auth)("https://platform.example/health");
  return parseWorkspaces("[]");
}
