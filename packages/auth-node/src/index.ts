export type { Auth, AuthHeaders, Explanation, TokenSource, TokenStorage } from "@x/auth-core";
export { createAuthFetch, isAuthError, withAuth } from "@x/auth-core";
export { type ConfigsDir, type FilePathOptions, resolveConfigsDir, resolveFilePath } from "./configs-dir.ts";
export { audienceDirName } from "./file/audience.ts";
export type { FileStorageEvent } from "./file/events.ts";
export type { FileTokenStorage, FileTokenStorageOptions } from "./file/file-storage-types.ts";
export type { FileStats, FileSystem } from "./file/file-system.ts";
export { fileTokenStorage } from "./file/file-token-storage.ts";
export {
  type InspectTokenFileOptions,
  inspectTokenFile,
  type TokenFileReport,
} from "./file/inspect-token-file.ts";
export { type MigrateFirstLayoutOptions, migrateFirstLayout } from "./file/migrate-first-layout.ts";
export type { WorkspaceDirectory } from "./file/move-tokens.ts";
export { poolFileSystem } from "./file/pool-file-system.ts";
export type { FileKind } from "./file/read-token-file.ts";
export { syncFileSystem } from "./file/sync-file-system.ts";
export { type KeyringTokenStorageOptions, keyringTokenStorage } from "./keyring/keyring-token-storage.ts";
export { createNodeAuth, type NodeAuthOptions } from "./node-auth.ts";
export { type CommandTokenSourceOptions, commandTokenSource } from "./sources/command-token-source.ts";
export {
  type CredentialTokenSourceOptions,
  credentialTokenSource,
} from "./sources/credential-token-source.ts";
export { type TokenFileSourceOptions, tokenFileSource } from "./sources/token-file-source.ts";
