import {
  type AccessOptions,
  AuthError,
  platformOrigin,
  type TokenStorage,
  validateWorkspaceId,
} from "@x/auth-core";
import { ownProperties, ownVariable } from "../own.ts";
import { askKeyring, type Question } from "./ask-keyring.ts";
import { createTurns } from "./turns.ts";

/** Which keychain entry holds the token. */
export interface KeyringTokenStorageOptions {
  /** The workspace of the token: each has its own entry. @default `WORKSPACE_ID`; without one, the entry `default` */
  readonly workspaceId?: string;
  /**
   * The platform of the token, for calls that do not name one; an Auth's calls do.
   *
   * @default none: a call that names no platform fails
   */
  readonly platformUrl?: string;
  /** The name shown in the keychain. @default "workspace-auth" */
  readonly service?: string;
  /**
   * The module that accesses the keychain, a package name or an absolute path. It must export `Entry` as
   * `@napi-rs/keyring` does.
   *
   * @default "@napi-rs/keyring", a peer dependency, 2.1 or newer
   */
  readonly module?: string;
  /**
   * How long to wait for the keychain, in milliseconds, more than 0; the user may have to unlock it. An Auth waits at
   * most `sourceTimeoutMs`, 5 s by default.
   *
   * @default 10000
   */
  readonly timeoutMs?: number;
  /** Has `WORKSPACE_ID`, and is the environment of the process that accesses the keychain. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Stores the token in the operating system's keychain: Keychain on macOS, Credential Manager on Windows, and a Secret
 * Service (GNOME Keyring, KWallet, KeePassXC) on Linux. Never in the kernel's keyring, which does not survive a reboot.
 *
 * Each platform and workspace has its own entry, with the account `<workspace id>@<origin>`; without a workspace id,
 * `default@<origin>` (and a workspace called `default` has `workspace:default@<origin>`). Each call runs in a
 * separate process, because keychain calls cannot be cancelled: a call that hangs blocks only that process, which is
 * killed on timeout or abort. There is no `replace`, because a keychain cannot compare, and no `watch`. Durability and
 * the maximum length of a token (Windows: 1,280 characters) depend on the keychain.
 *
 * Rejects with an AuthError `STORAGE_READ_FAILED` or `STORAGE_WRITE_FAILED` without the package, without a keychain, or
 * if it stays locked until the timeout; `PLATFORM_UNKNOWN` without a platform; or the signal's reason.
 *
 * @throws AuthError `PLATFORM_URL_INVALID`, `WORKSPACE_ID_INVALID`; TypeError unless `timeoutMs` is more than 0
 * @example
 * const auth = createNodeAuth({ storage: keyringTokenStorage() });
 */
export function keyringTokenStorage(options: KeyringTokenStorageOptions = {}): TokenStorage {
  const own = ownProperties(options);
  const {
    service = "workspace-auth",
    module = "@napi-rs/keyring",
    timeoutMs = 10_000,
    env = process.env,
  } = own;
  if (!(timeoutMs > 0)) throw new TypeError("timeoutMs must be more than 0.");
  const name = nameOf(own.workspaceId ?? ownVariable(env, "WORKSPACE_ID"));
  const origin = own.platformUrl === undefined ? null : platformOrigin(own.platformUrl, "platformUrl");
  const location = `the OS keychain (${service}, ${name})`;
  const inTurn = createTurns();

  async function ask(operation: Question["operation"], options: AccessOptions = {}, token?: string) {
    const { signal, platformOrigin: audience = origin } = ownProperties(options);
    if (audience === null) {
      throw new AuthError(
        "PLATFORM_UNKNOWN",
        `A token in ${location} belongs to a platform; set PLATFORM_URL.`,
      );
    }
    const failed = (why: string) =>
      operation === "read"
        ? new AuthError("STORAGE_READ_FAILED", `Could not read the token from ${location}: ${why}.`)
        : new AuthError("STORAGE_WRITE_FAILED", `The token cannot be stored in ${location}: ${why}.`);
    const question = {
      operation,
      service,
      account: `${name}@${audience}`,
      ...(token !== undefined && { token }),
    };
    return inTurn(() => askKeyring(question, { module, env, timeoutMs, signal, failed }), signal);
  }

  return {
    location,
    read: (access) => ask("read", access),
    async write(token, access) {
      await ask("write", access, token);
    },
    async remove(access) {
      await ask("remove", access);
    },
    async probe(access) {
      await ask("probe", access);
    },
  };
}

/** The workspace's part of the account. That of no workspace must not equal a workspace's. */
function nameOf(workspaceId: string | undefined): string {
  if (!workspaceId) return "default";
  const id = validateWorkspaceId(workspaceId);
  return id === "default" ? "workspace:default" : id;
}
