import { AuthError, type AuthHeaders, type Awaitable, checkToken, isAuthError } from "@x/auth-core";
import type { Issued, IssuingRoute, Receipt } from "./issued.ts";
import { own } from "./json.ts";
import type { Sender } from "./platform.ts";
import { bearerOf } from "./sign.ts";

export const NOTHING_RECEIVED: Receipt = { tokenReceived: false };

/** Stores credentials in a response. Returns no promise if there is nothing to wait for, to keep heartbeats cheap. */
export function takeIssued(
  sender: Sender,
  route: IssuingRoute,
  body: unknown,
  headers: AuthHeaders,
): Awaitable<Receipt> {
  const rawToken = own(route === "rotate" ? own(body, "connection") : body, "auth_token");
  // Some servers write blank text if there is no token.
  const hasToken =
    typeof rawToken === "string" ? rawToken.trim() !== "" : rawToken !== undefined && rawToken !== null;
  const secret = own(body, "platform_inbound_secret");
  const { platform, workspaceId, onIssued = platform.onIssued } = sender;
  const wantsSecret = onIssued !== undefined && typeof secret === "string" && secret.trim() !== "";
  if (!hasToken && !wantsSecret) return NOTHING_RECEIVED;
  let token: string | undefined;
  let invalid: AuthError | undefined;
  try {
    if (hasToken) token = checkToken(rawToken as string);
  } catch (error) {
    invalid = storageError(error);
  }
  if (token === undefined && !wantsSecret) return receiptOf(hasToken, invalid);
  const issued: Issued = {
    workspaceId,
    platformOrigin: platform.origin,
    route,
    sentWith: bearerOf(headers),
    ...(token !== undefined && { token }),
    ...(wantsSecret && { inboundSecret: secret }),
  };
  try {
    const stored = onIssued === undefined ? save(sender, issued) : onIssued(issued);
    if (!isThenable(stored)) return receiptOf(hasToken, invalid);
    return Promise.resolve(stored).then(
      () => receiptOf(hasToken, invalid),
      (error: unknown) => receiptOf(hasToken, invalid ?? storageError(error)),
    );
  } catch (error) {
    return receiptOf(hasToken, invalid ?? storageError(error));
  }
}

/** Without `onIssued`, the `Auth` stores the token. A minted token is only returned to the caller. */
function save(
  { auth }: Sender,
  { workspaceId, platformOrigin, route, token, sentWith }: Issued,
): Awaitable<void> {
  if (token === undefined || route === "mint") return;
  if (auth.getWorkspaceToken(workspaceId) === null)
    return auth.saveToken(token, { sentWith, platformOrigin });
  // The workspace moved during the request: registering the token now would bind it to the other platform.
  if (auth.platformOrigin(workspaceId) !== platformOrigin) {
    throw new AuthError(
      "TOKEN_INVALID",
      "The new token belongs to a platform that the registered workspace has left: pass onIssued and store it.",
    );
  }
  auth.registerWorkspaceToken(workspaceId, token);
  throw new AuthError(
    "STORAGE_WRITE_FAILED",
    "The new token of a registered workspace is in memory only: pass onIssued and store it.",
  );
}

function receiptOf(tokenReceived: boolean, unsaved: AuthError | undefined): Receipt {
  if (!tokenReceived) return NOTHING_RECEIVED;
  return unsaved === undefined ? { tokenReceived } : { tokenReceived, unsaved };
}

/** Hides any other error: its message may quote the token. */
function storageError(error: unknown): AuthError {
  if (isAuthError(error)) return error;
  return new AuthError("STORAGE_WRITE_FAILED", "The new token could not be stored.");
}

function isThenable(value: unknown): value is Promise<void> {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, "then") === "function";
}
