import { createBrowserAuth, indexedDbTokenStorage, oneTabAtATime, webTokenStorage } from "@x/auth-browser";

const rows = new Map<string, string>();
const own = {
  getItem: (key: string) => rows.get(key) ?? null,
  setItem: (key: string, value: string) => void rows.set(key, value),
  removeItem: (key: string) => void rows.delete(key),
};
const auth = createBrowserAuth({
  storage: webTokenStorage({ storage: () => own }),
  platformUrl: "https://platform.example",
});

// @ts-expect-error: the application has to choose a storage
createBrowserAuth({});

export const token: Promise<string | null> = oneTabAtATime(auth, (stored) => stored, { waitMs: 1_000 });
export const { location } = indexedDbTokenStorage({ database: "mine" });
