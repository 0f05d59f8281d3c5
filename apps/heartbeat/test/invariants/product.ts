/** The code that the model drives. Bundled from the sources, so that a mutant can replace one file. */

export { AuthError, createAuth } from "@x/auth-core";
export { syncFileSystem } from "@x/auth-node";
export { createPlatformClients } from "@x/platform-client";
export { createFleet } from "../../src/fleet/fleet.ts";
export { listSpilled, removeEmptyDirectory } from "../../src/storage/spilled.ts";
export { TokenFiles } from "../../src/storage/token-files.ts";
export { WorkspaceDirectories } from "../../src/storage/workspace-directories.ts";
