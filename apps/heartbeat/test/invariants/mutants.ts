import { type Mutant, mutantsOf } from "../support/mutants.ts";
import { I1, I2, runnerMutants } from "./runner-mutants.ts";

const listOnFiles = mutantsOf({
  "packages/auth-node/src/file/audience.ts": {
    "a workspace's directory does not name its platform": {
      shows: I1,
      find: "{ protocol, hostname, port } = new URL(platformOrigin(origin));",
      replacement: '{ protocol, port } = new URL(platformOrigin(origin)); const hostname = "host";',
    },
  },
});

const singleOnFiles = mutantsOf({
  "packages/auth-node/src/file/audience-store.ts": {
    "a stored token counts for any configured platform": {
      shows: I1,
      find: "const others = stored === null ? [] : otherOwners(entries ?? [], stored, audience);",
      replacement: "const others: Holding['others'] = [];",
    },
  },
  "packages/auth-node/src/file/prepare-change.ts": {
    "the list of origins is not kept": {
      shows: I1,
      find: "(await withOrWithoutList(addOrigin(access, location, { entries, stored, token, audience }), others));",
      replacement: "false;",
    },
  },
  "packages/auth-node/src/file/origins-list.ts": {
    "a stored token counts for any workspace of the platform": {
      shows: I1,
      find: "return entry.workspaceId === undefined || workspaceId === null || entry.workspaceId === workspaceId;",
      replacement: "return true;",
    },
  },
  "packages/auth-node/src/file/set-aside.ts": {
    "the token of another platform or workspace is not set aside": {
      shows: I2,
      find: "await writeBesideToken(access, aside, token);",
    },
    "two workspaces' tokens are set aside in one file": {
      shows: I2,
      find: "const whose = workspaceId === undefined",
      replacement: "const whose = true",
    },
  },
  "apps/heartbeat/src/storage/token-files.ts": {
    "the file is opened for no workspace in particular": {
      shows: I1,
      find: "...(found.root === undefined ? { workspaceId } : { platformUrl: platformOrigin }),",
      replacement: "...(found.root !== undefined && { platformUrl: platformOrigin }),",
    },
  },
});

const livePlatform = mutantsOf({
  "packages/auth-core/src/token-memory.ts": {
    "a token may be used for any platform": {
      shows: I1,
      find: "return (this.shared.ownerOf(token) ?? this).origin !== this.origin;",
      replacement: "return false;",
    },
    "no token is claimed for its platform": {
      shows: I1,
      find: "if (this.origin !== null && !this.knows(token))",
      replacement: "if (false)",
    },
  },
  "packages/platform-client/src/sign.ts": {
    "the origin is not compared when a request is sent": {
      shows: I1,
      find: "if (current === platform.origin && headers.Origin === current) return null;",
      replacement: "return null;",
    },
    "the origin is compared with the configuration but not with the headers": {
      shows: I1,
      find: " && headers.Origin === current",
    },
  },
  "packages/auth-core/src/caches.ts": {
    "headers combine a token and an origin from different moments": {
      shows: I1,
      find: "const result = cache === this.current() ? use({ origin: cache.origin, token }) : null;",
      replacement: "const result = use({ origin: this.current().origin, token });",
    },
  },
  "packages/platform-client/src/take-issued.ts": {
    "a late answer is saved for the platform configured by then": {
      shows: I1,
      find: "return auth.saveToken(token, { sentWith, platformOrigin });",
      replacement: "return auth.saveToken(token, { sentWith });",
    },
  },
  "packages/auth-core/src/token-saves.ts": {
    "a stored token of another platform is replaced": {
      shows: I1,
      find: "if (isReceived && !this.#isOlder(asked, save)) break;",
    },
  },
});

/** The faults that each property must detect. */
export const MUTANTS = {
  runner: runnerMutants,
  "list on files": listOnFiles,
  "single on files": singleOnFiles,
  "live platform": livePlatform,
} satisfies Record<string, readonly Mutant[]>;
