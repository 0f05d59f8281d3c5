import { createBrowserAuth, oneTabAtATime } from "@x/auth-browser";
import { createAuthFetch, type TokenStorage } from "@x/auth-core";

/** How an application starts: it obtains its token, unless it has one, then does its work. */
export async function join(storage: TokenStorage, platformUrl: string) {
  const auth = createBrowserAuth({ storage, platformUrl });
  const stop = auth.watch();
  const platform = createAuthFetch(auth);
  const post = (path: string) => platform(`${platformUrl}${path}`, { method: "POST" });

  await oneTabAtATime(auth, async (token) => {
    if (token !== null) return;
    const response = await post("/registry/register");
    const { auth_token } = await response.json();
    if (auth_token) await auth.saveToken(auth_token);
  });
  return { auth, stop, heartbeat: async () => (await post("/registry/heartbeat")).status };
}
