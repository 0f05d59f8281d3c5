import { createBrowserAuth, indexedDbTokenStorage, oneTabAtATime } from "@x/auth-browser";

/** In a worker there is no Web Storage, and nothing here asks for its types. */
const auth = createBrowserAuth({ storage: indexedDbTokenStorage() });

export const token: Promise<string | null> = oneTabAtATime(auth, (stored) => stored);
