import {
  type Auth,
  type AuthErrorCode,
  type AuthEvent,
  createAuth,
  isAuthError,
  memoryTokenStorage,
  type TokenStorage,
} from "@x/auth-core";

const storage: TokenStorage = memoryTokenStorage("initial");
const heard: AuthEvent["type"][] = [];
const auth: Auth = createAuth({ storage, onEvent: ({ type }) => heard.push(type) });

export async function use(): Promise<AuthErrorCode | Record<string, string>> {
  // @ts-expect-error: a token is a string
  await auth.saveToken(42);
  try {
    return await auth.authHeaders("agent-7");
  } catch (error) {
    if (isAuthError(error)) return error.code;
    throw error;
  }
}
