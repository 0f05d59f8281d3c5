/** The code that the models drive. Bundled from the sources, so that a mutant can replace one file. */

export { createAuth } from "@x/auth-core";
export { decide } from "../../src/cluster/decide.ts";
export { Ownership } from "../../src/cluster/ownership.ts";
export { offerSpilled } from "../../src/cluster/spill.ts";
export { Credentials } from "../../src/workspace/credentials.ts";
