import {
  type BrowserAuthOptions,
  createBrowserAuth,
  indexedDbTokenStorage,
  oneTabAtATime,
  webTokenStorage,
} from "@x/auth-browser";
import type { Auth, TokenStorage } from "@x/auth-core";

const storages: TokenStorage[] = [
  webTokenStorage({ storage: sessionStorage }),
  webTokenStorage({ storage: () => localStorage, key: "token" }),
  indexedDbTokenStorage(),
  indexedDbTokenStorage({ database: "mine", key: "token" }),
];

export async function use(): Promise<string | null> {
  const [storage = webTokenStorage({ storage: sessionStorage })] = storages;
  const options: BrowserAuthOptions = { storage, platformUrl: "https://platform.example" };
  const auth: Auth = createBrowserAuth(options);
  // @ts-expect-error: the application has to choose a storage
  createBrowserAuth({});
  return oneTabAtATime(auth, (token) => token, { name: "agent-7", waitMs: 1_000 });
}
