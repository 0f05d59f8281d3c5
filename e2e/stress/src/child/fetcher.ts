import { createAuth, createAuthFetch, isAuthError, memoryTokenStorage } from "@x/auth-core";

/** The result of one call, and this process's peak memory in bytes. */
export interface FetchResult {
  readonly path: string;
  /** A status, the code of an `AuthError`, or the name of any other error. */
  readonly outcome: string;
  readonly said: string;
  readonly peak: number;
}

const [, , origin = "", stored = "", envToken = "", ...paths] = process.argv;

for (const path of paths) {
  const env = { PLATFORM_URL: origin, MOLECULE_WORKSPACE_TOKEN: envToken };
  const send = createAuthFetch(createAuth({ storage: memoryTokenStorage(stored), env }));
  const call = async () => {
    const response = await send(origin + path);
    // The body stays unread, and must not accumulate in memory: the response belongs to the caller.
    await response.body?.cancel();
    return String(response.status);
  };
  let said = "";
  const outcome = await call().catch((error: unknown) => {
    said = String(error);
    return isAuthError(error) ? error.code : error instanceof Error ? error.name : typeof error;
  });
  const result: FetchResult = { path, outcome, said, peak: process.resourceUsage().maxRSS * 1_024 };
  console.log(JSON.stringify(result));
}
// A kept-alive connection would keep this process alive.
process.exit();
