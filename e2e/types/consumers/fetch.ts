import { createAuth, createAuthFetch, memoryTokenStorage } from "@x/auth-core";

/** If the runtime's types have `fetch`, the signing one has exactly that type. */
const platform: typeof fetch = createAuthFetch(createAuth({ storage: memoryTokenStorage() }), { fetch });

export async function use(): Promise<number> {
  const response: Response = await platform(new URL("https://platform.example/"), {
    method: "POST",
    headers: new Headers({ a: "b" }),
    signal: AbortSignal.timeout(1_000),
  });
  return response.status;
}
