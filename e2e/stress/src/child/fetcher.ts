import { createAuth, createAuthFetch, isAuthError, memoryTokenStorage } from "@x/auth-core";

/** What one call came to, and the most memory that this process has had so far, in bytes. */
export interface FetchResult {
  readonly path: string;
  /** A status, an `AuthError`'s code, or the name of any other error. */
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
    // What is not read is not to be held: the answer itself is the caller's.
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
// A connection that is kept alive would keep this process, too.
process.exit();
