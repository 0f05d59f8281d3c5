import { isAbsolute } from "node:path";
import { createAuth, type Env, isAuthError, memoryTokenStorage } from "@x/auth-core";
import { resolveConfigsDir, tokenFileSource } from "@x/auth-node";
import { checkProxies } from "../transport/proxies.ts";
import { type CardOf, type Cards, cardFromEnvironment, readAgentCard } from "./agent-card.ts";
import { type BesideSettings, type CommandFlags, readCommandFlags } from "./command-flags.ts";
import { type ConfigFiles, createConfigFilesReader, type FileFlags } from "./config-files.ts";
import type { ReadFiles } from "./file-stamps.ts";
import { type MessageFlags, type MessageSettings, readMessageFlags } from "./message-flags.ts";
import { type OperatorFlags, type OperatorSettings, readOperatorFlags } from "./operator-flags.ts";
import { Problems } from "./problems.ts";
import { readStoreFlags, type StoreConfig, type StoreFlags } from "./store-flags.ts";
import { DEFAULT_TIMING, type Timing } from "./timing.ts";
import { tokenMistake } from "./token-mistakes.ts";
import { readWorkspaces, type Workspaces, type WorkspacesFlags } from "./workspaces.ts";

/** Timeout for reading the token's file at startup. */
const TOKEN_FILE_MS = 5_000;

/** Flags as the command line gives them; each takes precedence over its environment variable. */
export interface Flags
  extends WorkspacesFlags,
    OperatorFlags,
    FileFlags,
    MessageFlags,
    CommandFlags,
    StoreFlags {
  readonly configsDir?: string;
  /** Seconds. */
  readonly interval?: string;
  readonly waitForToken?: boolean;
}

/** The configuration of `run` and `doctor`. */
export interface Config extends Workspaces, OperatorSettings, BesideSettings {
  /** The files that it was read from. */
  readonly files: ReadFiles;
  /** `undefined`: the default configs directory. */
  readonly configsDir: string | undefined;
  readonly cardOf: CardOf;
  readonly timing: Timing;
  /** `null` when messages are not fetched. */
  readonly messages: MessageSettings | null;
  /** `null` without a shared store. */
  readonly store: StoreConfig | null;
}

/**
 * Reads the configuration, and the files that it names.
 *
 * @throws ConfigError with all problems at once
 */
export async function loadConfig(flags: Flags, env: Env): Promise<Config> {
  const files = await createConfigFilesReader()(flags, { allowPipe: true });
  const problems = new Problems();
  const config = readConfig(flags, env, { files, problems });
  if (!config.isFleet) {
    problems.attempt(() => checkToken(env), undefined);
    await checkTokenFile(env, problems);
  }
  if (config.workspaces.some(({ ownPlatform }) => !ownPlatform)) await checkTenant(env, problems);
  problems.throwIfAny();
  return config;
}

interface Reading {
  readonly files: ConfigFiles;
  readonly problems: Problems;
}

function readConfig(flags: Flags, env: Env, { files, problems }: Reading): Config {
  const none: Workspaces = { workspaces: [], isFleet: false, listTokens: [], warnings: [] };
  problems.attempt(() => checkProxies(env), undefined);
  problems.attempt(() => checkConfigsDir(flags, env), undefined);
  const listed = problems.attempt(() => readWorkspaces(flags, env, files), none);
  const noCards: Cards = { cardOf: cardFromEnvironment(env), warnings: [] };
  const cards = problems.attempt(() => readAgentCard(flags.agentCard, env, files), noCards);
  return {
    files: files.stamps,
    ...listed,
    ...cards,
    warnings: [...listed.warnings, ...cards.warnings],
    configsDir: flags.configsDir,
    timing: problems.attempt(
      () => ({ ...DEFAULT_TIMING, intervalMs: intervalMs(flags.interval) }),
      DEFAULT_TIMING,
    ),
    messages: problems.attempt(() => readMessageFlags(flags), null),
    store: problems.attempt(() => readStoreFlags(flags, env), null),
    ...problems.attempt(() => readOperatorFlags(flags), readOperatorFlags({})),
    ...problems.attempt(() => readCommandFlags(flags, env), readCommandFlags({}, env)),
  };
}

/**
 * Reported at startup, before anything is sent: the platform would reject it as a token, and the error would mislead.
 */
function checkToken({ MOLECULE_WORKSPACE_TOKEN: token = "" }: Env): void {
  const mistake = tokenMistake(token);
  if (mistake !== undefined) throw new Error(`MOLECULE_WORKSPACE_TOKEN ${mistake}.`);
}

/**
 * If a token's file is named but cannot be read, or holds something else, that is a mistake rather than a missing token.
 */
async function checkTokenFile(env: Env, problems: Problems): Promise<void> {
  const path = env.MOLECULE_WORKSPACE_TOKEN_FILE?.trim();
  if (!path) return;
  let why: string | undefined;
  try {
    const token = await tokenFileSource(path).read({ signal: AbortSignal.timeout(TOKEN_FILE_MS) });
    const mistake = tokenMistake(token ?? "");
    if (mistake !== undefined) why = `the text in ${path} ${mistake}.`;
  } catch (error) {
    why = isAuthError(error) ? error.message : `${path} does not answer.`;
  }
  if (why === undefined) return;
  problems.attempt(() => {
    throw new Error(`MOLECULE_WORKSPACE_TOKEN_FILE: ${why}`);
  }, null);
}

/** Reported at startup: no request could be signed with it, and it stays as it is. */
async function checkTenant(env: Env, problems: Problems): Promise<void> {
  const platformUrl = "http://localhost";
  const auth = createAuth({ storage: memoryTokenStorage(), fallback: [], platformUrl, env });
  const failed = await auth.authHeaders().then(
    () => null,
    (error: unknown) => error,
  );
  problems.attempt(() => {
    if (failed !== null) throw failed;
  }, undefined);
}

/** Reported at startup, not when the first token has to be stored. A named directory is not checked. */
function checkConfigsDir({ configsDir }: Flags, env: Env): void {
  const isNamed = Boolean((configsDir ?? env.CONFIGS_DIR)?.trim());
  const home = env.HOME;
  if (isNamed || (home !== undefined && !isAbsolute(home.trim()))) {
    resolveConfigsDir({ env: { CONFIGS_DIR: configsDir ?? env.CONFIGS_DIR, HOME: home } });
  }
}

function intervalMs(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TIMING.intervalMs;
  const seconds = text.trim() === "" ? Number.NaN : Number(text);
  if (seconds >= 5 && seconds <= 300) return seconds * 1000;
  throw new Error("--interval must be a number of seconds from 5 to 300.");
}
