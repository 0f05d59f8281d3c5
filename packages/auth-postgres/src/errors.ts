import { AuthError, type AuthErrorCode, isAuthError } from "@x/auth-core";
import { OTHER_VERSION } from "./schema.ts";

/** The kind of a failure, without its text, which may quote a value. */
export interface FailureKind {
  /** SQLSTATE, or the system's code (`ECONNREFUSED`); `undefined` if there is none. */
  readonly code: string | undefined;
  /** Whether the code comes from the server. */
  readonly isServers: boolean;
}

/** The driver's own errors, which have no code, by the beginning of their fixed texts. */
const DRIVERS: readonly (readonly [RegExp, string])[] = [
  [/^SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a /, "PASSWORD_MISSING"],
  [/^The server does not support SSL connections/, "TLS_UNSUPPORTED"],
  [/^Connection terminated unexpectedly/, "ECONNRESET"],
  [/^Cannot use a pool after calling end on the pool/, "POOL_ENDED"],
];

export function kindOf(error: unknown): FailureKind {
  const { code, severity } = Object(error) as { readonly code?: unknown; readonly severity?: unknown };
  if (code === undefined && error instanceof Error) {
    const { message } = error;
    return { code: DRIVERS.find(([text]) => text.test(message))?.[1], isServers: false };
  }
  const known = typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code) ? code : undefined;
  return { code: known, isServers: severity !== undefined && known?.length === 5 };
}

/** What went wrong and what to do, by SQLSTATE or its first two characters. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  "08": "the connection broke",
  "28": "the database rejects this user; check the user, the password (PGPASSWORD, PGPASSFILE) and pg_hba.conf",
  "3D000": "there is no such database; create it, or correct the URL",
  "3F000": "the store is not set up; run `heartbeat store init`, or call prepare()",
  "42P01": "the store is not set up; run `heartbeat store init`, or call prepare()",
  "42703": OTHER_VERSION,
  "42883": "the server is older than PostgreSQL 13; upgrade it",
  "42501":
    "this user lacks a permission; grant it USAGE on the schema and SELECT, INSERT, UPDATE and DELETE on its tables",
  "25006": "the server takes no writes: it is a standby, or read-only; connect to the primary",
  "53100": "the server's disk is full; free space there",
  "53300": "the server has no free connection; raise max_connections, or end other clients",
  "54000": "the platform's URL is too long",
  "55P03": "another session holds the row",
  "57014": "the statement took too long",
  "57P01": "the server is shutting down",
  "57P03": "the server is starting up or shutting down",
  PASSWORD_MISSING:
    "the database asks for a password, and none is given; give it in PGPASSWORD, or in PGPASSFILE with mode 0600",
  TLS_UNSUPPORTED: "the server offers no TLS; turn it on there (ssl = on), or correct sslmode",
  POOL_ENDED: "the store was closed, or its pool was ended",
  ECONNREFUSED: "nothing listens there; start the server, or correct the URL",
  ENOENT: "a file named in the URL or the environment does not exist: a socket, or one for TLS",
  EACCES: "this user may not read a file named in the URL or the environment: a socket, or one for TLS",
  ERR_SOCKET_BAD_PORT: "the port is invalid; correct the URL",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is self-signed; name it in sslrootcert",
  SELF_SIGNED_CERT_IN_CHAIN:
    "the server's certificate comes from an unknown authority; name that authority's certificate in sslrootcert",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the server's certificate comes from an unknown authority; name that authority's certificate in sslrootcert",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another host; correct the URL",
  ENOTFOUND: "there is no such host; correct the URL",
  EAI_AGAIN: "the host name cannot be resolved now",
  ETIMEDOUT:
    "the server does not answer; check that it is up, the host and port in the URL, and any firewall",
  ECONNRESET: "the connection broke; if that persists, check that a PostgreSQL server listens there",
  EPIPE: "the connection broke",
};

/** The server did not answer in time. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
  readonly code = "ETIMEDOUT";
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

/**
 * Returns an `AuthError` unchanged. Of any other error, the message and the `cause` keep only its kind: a driver's
 * error may quote a value that was sent, or the connection with its password.
 */
export function storeError(error: unknown, code: AuthErrorCode, what: string): AuthError {
  if (isAuthError(error)) return error;
  const { code: kind, isServers } = kindOf(error);
  const name = error instanceof TimeoutError ? error.name : isServers ? "SQLSTATE" : "Error";
  const shown = kind === undefined ? name : `${name} ${kind}`;
  const wayOut = kind && (WAYS_OUT[kind] ?? (isServers ? WAYS_OUT[kind.slice(0, 2)] : undefined));
  const cause = Object.assign(new Error(shown), kind !== undefined && { code: kind });
  return new AuthError(code, `${what}: ${wayOut ? `${wayOut} ` : ""}(${shown}).`, { cause });
}
