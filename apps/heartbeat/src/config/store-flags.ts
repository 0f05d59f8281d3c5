import { hostname } from "node:os";
import type { Env } from "@x/auth-core";
import { resolveFilePath } from "@x/auth-node";
import { ownVariable } from "../storage/own.ts";
import { Problems } from "./problems.ts";

/** Flags of a shared store, as the command line gives them. */
export interface StoreFlags {
  /** URL of a PostgreSQL database, without a password. */
  readonly store?: string;
  /** Path of the file with the keys that encrypt stored values. */
  readonly storeKeyFile?: string;
  readonly fleet?: string;
  readonly runnerName?: string;
}

/** A store that several machines share. */
export interface StoreConfig {
  /** URL of a PostgreSQL database. As secret as a token, because it may hold a password. */
  readonly url: string;
  /** Absolute path of the file with the keys that encrypt stored values. */
  readonly keyFile: string;
  /** Runners of one fleet share their workspaces. Also the name of the database schema. */
  readonly fleet: string;
  /** Display name of this runner; need not be unique. */
  readonly runnerName: string;
}

const DEFAULT_FLEET = "heartbeat";
/** Becomes the name of a schema and a part of a channel's name. */
const FLEET = /^(?!pg_)[a-z][a-z0-9_-]{0,47}$/;
const RUNNER_NAME = /^[\x21-\x7e]{1,128}$/;

/** How to create a key file, for errors about a missing one. */
const MAKE_KEY_FILE = `(umask 077; node -p 'require("crypto").randomBytes(32).toString("base64url")' > store.key)`;

/**
 * `null` when there is no shared store and everything is kept in files.
 *
 * @throws ConfigError with all problems at once, none of which contains the URL: it may hold a password
 */
export function readStoreFlags(flags: StoreFlags, env: Env): StoreConfig | null {
  const { fleet, runnerName } = flags;
  const problems = new Problems();
  const url = problems.attempt(() => storeUrl(flags, env), "");
  if (url === null) {
    problems.attempt(() => checkUnused(flags), undefined);
    problems.throwIfAny();
    return null;
  }
  const config: StoreConfig = {
    url,
    keyFile: problems.attempt(() => keyFileOf(flags, env), ""),
    fleet: problems.attempt(() => nameOf("--fleet", fleet ?? DEFAULT_FLEET, FLEET_RULE), ""),
    runnerName: problems.attempt(
      () => (runnerName === undefined ? hostNameOf() : nameOf("--runner-name", runnerName, RUNNER_RULE)),
      "",
    ),
  };
  problems.throwIfAny();
  return config;
}

/** The passwords in the store's URL and in `PGPASSWORD`, so that they are never printed. */
export function storePasswords({ store }: StoreFlags, env: Env): readonly string[] {
  const urls = [store, ownVariable(env, "HEARTBEAT_STORE")].flatMap((text) => {
    const url = parse(text?.trim());
    return url === null ? [] : passwordsIn(url);
  });
  return [...urls, ownVariable(env, "PGPASSWORD")].filter(
    (text) => text !== undefined && text !== "",
  ) as string[];
}

function storeUrl({ store }: StoreFlags, env: Env): string | null {
  const [name, text] =
    store === undefined ? ["HEARTBEAT_STORE", ownVariable(env, "HEARTBEAT_STORE")] : ["--store", store];
  if (text === undefined || (text.trim() === "" && store === undefined)) return null;
  const given = withHost(text.trim());
  const url = parse(given);
  // A `/`, `?` or `#` in the password ends the host: the rest of the password would be shown as the database's name.
  const isCut = url !== null && (url.pathname.includes("@") || /^[^=]*@/.test(url.search) || url.hash !== "");
  if (url === null || isCut || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new Error(
      `${name} must be the URL of a PostgreSQL database, like postgres://heartbeat@db.example:5432/agents. ` +
        "Percent-encode special characters in a user name or a password.",
    );
  }
  if (name === "--store" && passwordsIn(url).length > 0) {
    throw new Error(
      "--store contains a password, which every user of this machine can see in the process list: " +
        "give it in PGPASSWORD or PGPASSFILE, or the whole URL in HEARTBEAT_STORE.",
    );
  }
  return given;
}

function parse(text: string | undefined): URL | null {
  const url = text === undefined ? "" : withHost(text);
  return URL.canParse(url) ? new URL(url) : null;
}

/** With a socket, `postgres://name:password@/db?host=/run/postgresql` has no host, which no URL allows. `?host` overrides it. */
const withHost = (text: string): string =>
  text.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)(?=\/)/, "$1localhost");

/** Raw and decoded: for `p%40ss` also `p@ss`. */
function passwordsIn({ password, searchParams }: URL): readonly string[] {
  const inQuery = [...searchParams].filter(([name]) => name.toLowerCase() === "password");
  const found = [password, ...inQuery.map(([, value]) => value)].filter((text) => text !== "");
  return [...new Set(found.flatMap((text) => [text, decoded(text)]))];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function keyFileOf({ storeKeyFile }: StoreFlags, env: Env): string {
  const [name, text] =
    storeKeyFile === undefined
      ? ["HEARTBEAT_STORE_KEY_FILE", ownVariable(env, "HEARTBEAT_STORE_KEY_FILE")]
      : ["--store-key-file", storeKeyFile];
  const path = text?.trim();
  if (path) return resolveFilePath(path, { name, env });
  throw new Error(
    `A store needs --store-key-file or HEARTBEAT_STORE_KEY_FILE: everything in it is encrypted with that key. ` +
      `Make one with ${MAKE_KEY_FILE}, keep a copy of it in a safe place, and give the same file to every runner.`,
  );
}

/** A name in the environment may be meant for other commands; one in a flag is a mistake. */
function checkUnused(flags: StoreFlags): void {
  const given = (["storeKeyFile", "fleet", "runnerName"] as const).filter(
    (name) => flags[name] !== undefined,
  );
  if (given.length === 0) return;
  const names = { storeKeyFile: "--store-key-file", fleet: "--fleet", runnerName: "--runner-name" };
  throw new Error(
    `${given.map((name) => names[name]).join(" and ")}: without --store or HEARTBEAT_STORE there is no store.`,
  );
}

const FLEET_RULE = {
  pattern: FLEET,
  rule: "1 to 48 of a-z, 0-9, _ and -, begin with a letter, and not with pg_",
};
const RUNNER_RULE = { pattern: RUNNER_NAME, rule: "1 to 128 characters of printable ASCII without spaces" };

function nameOf(flag: string, text: string, { pattern, rule }: typeof FLEET_RULE): string {
  if (pattern.test(text)) return text;
  throw new Error(`${flag} must be ${rule}.`);
}

/** A host name can be anything its administrator chose. */
function hostNameOf(): string {
  const name = hostname()
    .replace(/[^\x21-\x7e]/g, "-")
    .slice(0, 128);
  return name || "runner";
}
