import type { Mutation } from "./load-product.ts";
import { runnerMutants } from "./runner-mutants.ts";

/** A fault in the code, and the property that must detect it. */
export interface Mutant extends Mutation {
  readonly name: string;
  readonly property: "runner" | "list on files" | "single on files" | "live platform";
  readonly violates: "I1" | "I2" | "I3";
}

export type Fault = Omit<Mutant, "property">;

const listOnFiles: readonly Fault[] = [
  {
    name: "a workspace's directory does not name its platform",
    violates: "I1",
    file: "packages/auth-node/src/file/audience.ts",
    find: "{ protocol, hostname, port } = new URL(platformOrigin(origin));",
    replacement: '{ protocol, port } = new URL(platformOrigin(origin)); const hostname = "host";',
  },
];

const singleOnFiles: readonly Fault[] = [
  {
    name: "a stored token counts for any configured platform",
    violates: "I1",
    file: "packages/auth-node/src/file/audience-store.ts",
    find: "const others = stored === null ? [] : otherOrigins(await readOrigins(access, location), stored, origin);",
    replacement: "const others: string[] = [];",
  },
  {
    name: "the list of origins is not kept",
    violates: "I1",
    file: "packages/auth-node/src/file/audience-store.ts",
    find: "await addOrigin(access, location, { entries, stored, token, origin });",
    replacement: "",
  },
  {
    name: "the token of another platform is not set aside",
    violates: "I2",
    file: "packages/auth-node/src/file/audience-store.ts",
    find: "if (there !== token) await writeBesideToken(access, location, token);",
    replacement: "",
  },
];

const livePlatform: readonly Fault[] = [
  {
    name: "a token may be used for any platform",
    violates: "I1",
    file: "packages/auth-core/src/token-memory.ts",
    find: "return (this.shared.ownerOf(token) ?? this).origin !== this.origin;",
    replacement: "return false;",
  },
  {
    name: "no token is claimed for its platform",
    violates: "I1",
    file: "packages/auth-core/src/token-memory.ts",
    find: "if (this.origin !== null && !this.knows(token))",
    replacement: "if (false)",
  },
  {
    name: "the origin is not compared when a request is sent",
    violates: "I1",
    file: "packages/platform-client/src/sign.ts",
    find: "if (current === platform.origin && headers.Origin === current) return null;",
    replacement: "return null;",
  },
  {
    name: "the origin is compared with the configuration but not with the headers",
    violates: "I1",
    file: "packages/platform-client/src/sign.ts",
    find: " && headers.Origin === current",
    replacement: "",
  },
  {
    name: "headers combine a token and an origin from different moments",
    violates: "I1",
    file: "packages/auth-core/src/caches.ts",
    find: "if (cache === this.current()) return { origin: cache.origin, token };",
    replacement: "return { origin: this.current().origin, token };",
  },
  {
    name: "a late answer is saved for the platform configured by then",
    violates: "I1",
    file: "packages/platform-client/src/take-issued.ts",
    find: "return auth.saveToken(token, { sentWith, platformOrigin });",
    replacement: "return auth.saveToken(token, { sentWith });",
  },
  {
    name: "a stored token of another platform is replaced",
    violates: "I1",
    file: "packages/auth-core/src/token-saves.ts",
    find: "if (isReceived && !this.#isOlder(asked, save)) break;",
    replacement: "",
  },
];

export const MUTANTS: readonly Mutant[] = [
  ...runnerMutants.map((fault) => ({ ...fault, property: "runner" as const })),
  ...listOnFiles.map((fault) => ({ ...fault, property: "list on files" as const })),
  ...singleOnFiles.map((fault) => ({ ...fault, property: "single on files" as const })),
  ...livePlatform.map((fault) => ({ ...fault, property: "live platform" as const })),
];
