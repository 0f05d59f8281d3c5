import {
  createAuthFetch,
  createBrowserAuth,
  indexedDbTokenStorage,
  oneTabAtATime,
  webTokenStorage,
} from "@x/auth-browser";
import { createAuth, memoryTokenStorage, parseWorkspaces } from "@x/auth-core";

/** An application that uses all browser exports and reports success in the page's title. */
async function use(): Promise<string> {
  const platformUrl = location.origin;
  const stored: (string | null)[] = [];
  for (const storage of [
    memoryTokenStorage(),
    webTokenStorage({ storage: () => sessionStorage }),
    indexedDbTokenStorage(),
  ]) {
    const auth = createBrowserAuth({ storage, platformUrl });
    await oneTabAtATime(auth, () => auth.saveToken("bund-s3cr3t-of-the-bundle"));
    await createAuthFetch(auth)("/");
    stored.push(await createAuth({ storage, platformUrl }).getToken());
  }
  return `${stored.join()} ${parseWorkspaces('[{"id":"a"}]').length}`;
}

use().then(
  (title) => {
    document.title = title;
  },
  (error) => {
    document.title = `failed: ${error}`;
  },
);
