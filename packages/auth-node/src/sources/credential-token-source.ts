import { basename, join } from "node:path";
import { AuthError, type Env, type TokenSource } from "@x/auth-core";
import { ownProperties, ownVariable } from "../own.ts";
import { tokenFileSource } from "./token-file-source.ts";

/** Options of `credentialTokenSource`. */
export interface CredentialTokenSourceOptions {
  /** The environment with `CREDENTIALS_DIRECTORY`, read live. @default process.env */
  readonly env?: Env;
}

/**
 * A token source that reads a systemd credential (`LoadCredential=`, `SetCredential=`, `ImportCredential=`): the file
 * of that name in `$CREDENTIALS_DIRECTORY`. `null` outside such a service, and if the file is blank.
 *
 * Reads reject with an AuthError `STORAGE_READ_FAILED` as `tokenFileSource` does, also if the service has no credential
 * of that name.
 *
 * @param name the credential's id, as in the unit file
 * @throws AuthError `STORAGE_READ_FAILED` if the name is a path
 * @see https://systemd.io/CREDENTIALS/
 * @example
 * // LoadCredential=workspace-token:/etc/agent/token
 * createNodeAuth({ fallback: [credentialTokenSource("workspace-token")] });
 */
export function credentialTokenSource(name: string, options: CredentialTokenSourceOptions = {}): TokenSource {
  if (name === "" || name.startsWith(".") || basename(name) !== name) {
    throw new AuthError(
      "STORAGE_READ_FAILED",
      `A credential's name must be a file name, and "${name}" is not one.`,
    );
  }
  const { env = process.env } = ownProperties(options);
  return {
    location: `the credential ${name}`,
    read(access) {
      const directory = ownVariable(env, "CREDENTIALS_DIRECTORY");
      return directory ? tokenFileSource(join(directory, name)).read(access) : null;
    },
  };
}
