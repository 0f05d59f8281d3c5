import type { Mutant } from "./core.ts";

/** Bugs that send a token to another platform, or overwrite another platform's token. */
export const audienceMutants: readonly Mutant[] = [
  {
    what: "a token found for one platform is used for the one configured by then",
    changes: [
      ["token-cache.ts", "if (shared.current() !== this) return null;", ""],
      [
        "caches.ts",
        "if (cache === this.current()) return { origin: cache.origin, token };",
        "return { origin: this.current().origin, token };",
      ],
    ],
  },
  {
    what: "a token's platform is not remembered",
    changes: [
      [
        "token-memory.ts",
        "return (this.shared.ownerOf(token) ?? this).origin !== this.origin;",
        "return false;",
      ],
    ],
  },
  {
    what: "the cached token is used for any configured platform",
    changes: [
      [
        "caches.ts",
        "return this.#cache.origin === origin ? this.#cache.cached : null;",
        "return this.#cache.cached;",
      ],
    ],
  },
  {
    what: "a workspace's token is sent to any configured platform",
    changes: [["workspace-auth.ts", "return workspace.audience === origin;", "return true;"]],
  },
  {
    what: "a request is signed although the platform changed during the lookup",
    changes: [
      [
        "auth-fetch.ts",
        "if ((signature.Origin ?? auth.platformOrigin(workspaceId)) === origin) {",
        "if (true) {",
      ],
    ],
  },
  {
    what: "a 401 is retried with the token of a platform configured since",
    changes: [
      [
        "workspace-auth.ts",
        "return isOther && fresh.Origin === Origin ? fresh : null;",
        "return isOther ? fresh : null;",
      ],
    ],
  },
  {
    what: "withAuth does not check the origin again",
    changes: [
      [
        "with-auth.ts",
        "if ((headers.Origin ?? auth.platformOrigin(workspaceId)) !== platform) return send({});",
        "",
      ],
    ],
  },
  {
    what: "a late token is saved for the platform configured by then",
    changes: [
      [
        "workspace-auth.ts",
        "const cache = origin ? this.#caches.of(platformOrigin(origin)) : this.#caches.current();",
        "const cache = this.#caches.current();",
      ],
    ],
  },
  {
    what: "a received token replaces any stored one",
    changes: [["token-saves.ts", "if (isReceived && !this.#isOlder(asked, save)) break;", ""]],
  },
];

/** Bugs that lose a token. */
export const lossMutants: readonly Mutant[] = [
  {
    what: "a token that could not be stored is dropped",
    changes: [
      [
        "token-saves.ts",
        "const { location } = shared.storage;\n        const what",
        "const { location } = shared.storage;\n        this.unsaved?.delete(token);\n        const what",
      ],
    ],
  },
  {
    what: "a failed save is not reported",
    changes: [["token-saves.ts", "shared.emit({ type, location, token: redactToken(token), error });", ""]],
  },
  {
    what: "a save settles before the storage does",
    changes: [
      [
        "token-saves.ts",
        "await storage.write(token, options);",
        "void Promise.resolve(storage.write(token, options)).catch(() => {});",
      ],
    ],
  },
  {
    what: "a save that timed out may overwrite a newer one",
    changes: [
      ["token-saves.ts", "if (overwriting) await this.#keep({ ...saved, sentWith: overwriting.token });", ""],
    ],
  },
];

/** Bugs that write after an abort. */
export const abortMutants: readonly Mutant[] = [
  {
    what: "the abort does not reach the storage",
    changes: [
      [
        "token-saves.ts",
        "const options = this.access(signal);",
        "const options = this.access(new AbortController().signal);",
      ],
    ],
  },
  {
    what: "the abort only ends the wait",
    changes: [
      [
        "token-saves.ts",
        "bounded((own) => this.#write(save, own), limitMs, signal)",
        "bounded((own) => this.#write(save, own), limitMs)",
      ],
    ],
  },
  {
    what: "a save that was aborted while waiting still begins",
    changes: [["bounded.ts", "if (signal?.aborted) throw signal.reason;", ""]],
  },
];
