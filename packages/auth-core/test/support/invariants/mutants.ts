import type { Mutant } from "./core.ts";

/** Mistakes by which a token leaves its audience. */
export const audienceMutants: readonly Mutant[] = [
  {
    what: "what was found for one platform is taken for the one that is configured by then",
    changes: [
      ["token-cache.ts", "if (shared.current() !== this) return null;", ""],
      [
        "signer.ts",
        "if (cache === this.current()) return { origin: cache.origin, token };",
        "return { origin: this.current().origin, token };",
      ],
    ],
  },
  {
    what: "nobody remembers whose a token is",
    changes: [
      [
        "token-memory.ts",
        "return (this.shared.ownerOf(token) ?? this).origin !== this.origin;",
        "return false;",
      ],
    ],
  },
  {
    what: "the cached token is taken for whatever platform is configured",
    changes: [
      [
        "signer.ts",
        "const token = this.#cache.origin === origin ? this.#cache.cached : null;",
        "const token = this.#cache.cached;",
      ],
    ],
  },
  {
    what: "a workspace's token goes to whatever platform is configured",
    changes: [["signer.ts", "return workspace.audience === origin ? token : null;", "return token;"]],
  },
  {
    what: "a request is signed whatever was configured meanwhile",
    changes: [
      [
        "auth-fetch.ts",
        "if ((signature.Origin ?? auth.platformOrigin(workspaceId)) === origin) {",
        "if (true) {",
      ],
    ],
  },
  {
    what: "a 401 is recovered from with whatever is configured by now",
    changes: [
      [
        "create-auth.ts",
        "return isOther && fresh.Origin === Origin ? fresh : null;",
        "return isOther ? fresh : null;",
      ],
    ],
  },
  {
    what: "withAuth does not compare again",
    changes: [
      [
        "with-auth.ts",
        "if ((headers.Origin ?? auth.platformOrigin(workspaceId)) !== platform) return send({});",
        "",
      ],
    ],
  },
  {
    what: "a late token is saved for the platform that is configured by now",
    changes: [
      [
        "create-auth.ts",
        "const cache = origin ? signer.cacheFor(platformOrigin(origin)) : signer.current();",
        "const cache = signer.current();",
      ],
    ],
  },
  {
    what: "an answer's token replaces whatever is stored",
    changes: [["token-saves.ts", "if (sentWith !== undefined) this.#checkOlder(save, asked);", ""]],
  },
];

/** Mistakes by which a token is lost. */
export const lossMutants: readonly Mutant[] = [
  {
    what: "a token that could not be stored is forgotten",
    changes: [
      [
        "token-saves.ts",
        "      const { location } = storage;\n        const what",
        "      const { location } = storage;\n        this.unsaved?.delete(token);\n        const what",
      ],
    ],
  },
  {
    what: "a failed save is not reported",
    changes: [["token-saves.ts", "emit({ type, location, token: redactToken(token), error });", ""]],
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
    what: "a save that was given up may overwrite a newer one",
    changes: [
      ["token-saves.ts", "if (overwriting) await this.#keep({ ...saved, sentWith: overwriting.token });", ""],
    ],
  },
];

/** Mistakes by which something is written after an abort. */
export const abortMutants: readonly Mutant[] = [
  {
    what: "the storage is not told of the abort",
    changes: [
      [
        "token-saves.ts",
        "const options = accessOf(signal, this.origin);",
        "const options = accessOf(new AbortController().signal, this.origin);",
      ],
    ],
  },
  {
    what: "the abort only ends the wait",
    changes: [
      [
        "token-saves.ts",
        "bounded((own) => this.#begin(save, own), limitMs, signal)",
        "bounded((own) => this.#begin(save, own), limitMs)",
      ],
    ],
  },
  {
    what: "a save that was aborted while it waited begins all the same",
    changes: [["bounded.ts", "if (signal?.aborted) throw signal.reason;", ""]],
  },
];
