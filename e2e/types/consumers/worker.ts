import { createBrowserAuth, indexedDbTokenStorage, oneTabAtATime } from "@x/auth-browser";

/** A worker has no Web Storage, and nothing here requires its types. */
const auth = createBrowserAuth({ storage: indexedDbTokenStorage() });

export const token: Promise<string | null> = oneTabAtATime(auth, (stored) => stored);
