export { type ConfigsDir, resolveConfigsDir } from "./configs-dir.ts";
export type { FileStorageEvent } from "./events.ts";
export { inspectTokenFile, type TokenFileReport } from "./inspect-token-file.ts";
export { createNodeAuth, type NodeAuthOptions } from "./node-auth.ts";
export type { FileKind } from "./read-token-file.ts";
export { type FileTokenStorageOptions, fileTokenStorage } from "./token-file.ts";
