import type { Mutant } from "./core.ts";

/** Bugs that send a token to another platform, or overwrite another platform's token. */
export const audienceMutants: readonly Mutant[] = [
  {
    what: "a token found for one platform is used for the one configured by then",
    file: "token-cache.ts",
    code: "if (shared.current() !== this) return null;",
    also: {
      file: "caches.ts",
      code: "const result = cache === this.current() ? use({ origin: cache.origin, token }) : null;",
      becomes: "const result = use({ origin: this.current().origin, token });",
    },
  },
  {
    what: "a token's platform is not remembered",
    file: "token-memory.ts",
    code: "return (this.shared.ownerOf(token) ?? this).origin !== this.origin;",
    becomes: "return false;",
  },
  {
    what: "the cached token is used for any configured platform",
    file: "caches.ts",
    code: "return this.#cache.origin === origin ? this.#cache.cached : null;",
    becomes: "return this.#cache.cached;",
  },
  {
    what: "a workspace's token is sent to any configured platform",
    file: "registered-workspace.ts",
    code: "return workspace.audience === origin;",
    becomes: "return true;",
  },
  {
    what: "a request is signed although the platform changed during the lookup",
    file: "auth-fetch.ts",
    code: "if ((signature.Origin ?? auth.platformOrigin(workspaceId)) === origin) {",
    becomes: "if (true) {",
  },
  {
    what: "a 401 is retried with the token of a platform configured since",
    file: "workspace-auth.ts",
    code: "return isOther && fresh.Origin === Origin ? fresh : null;",
    becomes: "return isOther ? fresh : null;",
  },
  {
    what: "withAuth does not check the origin again",
    file: "with-auth.ts",
    code: "if ((headers.Origin ?? auth.platformOrigin(workspaceId)) !== platform) return send({});",
  },
  {
    what: "a late token is saved for the platform configured by then",
    file: "workspace-auth.ts",
    code: "const cache = origin ? this.#caches.of(platformOrigin(origin)) : this.#caches.current();",
    becomes: "const cache = this.#caches.current();",
  },
  {
    what: "a received token replaces any stored one",
    file: "token-saves.ts",
    code: "if (isReceived && !this.#isOlder(asked, save)) break;",
  },
];

/** Bugs that lose a token. */
export const lossMutants: readonly Mutant[] = [
  {
    what: "a token that could not be stored is dropped",
    file: "token-saves.ts",
    code: "const { location } = shared.storage;\n        const what",
    becomes: "const { location } = shared.storage;\n        this.unsaved?.delete(token);\n        const what",
  },
  {
    what: "a failed save is not reported",
    file: "token-saves.ts",
    code: "shared.emit({ type, location, token: redactToken(token), error });",
  },
  {
    what: "a save settles before the storage does",
    file: "token-saves.ts",
    code: "await storage.write(token, options);",
    becomes: "void Promise.resolve(storage.write(token, options)).catch(() => {});",
  },
  {
    what: "a save that timed out may overwrite a newer one",
    file: "token-saves.ts",
    code: "await this.#keep({ ...saved, sentWith: overwriting }).catch(() => {});",
  },
];

/** Bugs that write after an abort. */
export const abortMutants: readonly Mutant[] = [
  {
    what: "the abort does not reach the storage",
    file: "token-saves.ts",
    code: "const options = this.access(signal);",
    becomes: "const options = this.access(new AbortController().signal);",
  },
  {
    what: "the abort only ends the wait",
    file: "token-saves.ts",
    code: "bounded((own) => this.#write(save, own), limitMs, signal)",
    becomes: "bounded((own) => this.#write(save, own), limitMs)",
  },
  {
    what: "a save that was aborted while waiting still begins",
    file: "bounded.ts",
    code: "if (signal?.aborted) throw signal.reason;",
  },
];
