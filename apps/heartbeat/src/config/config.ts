import type { Env } from "@x/auth-core";
import { type CardOf, cardFromEnvironment, readAgentCard } from "./agent-card.ts";
import { type ConfigFiles, createConfigFilesReader, type FileFlags } from "./config-files.ts";
import type { ReadFiles } from "./file-stamps.ts";
import { type OperatorFlags, type OperatorSettings, readOperatorFlags } from "./operator-flags.ts";
import { Problems } from "./problems.ts";
import { DEFAULT_TIMING, type Timing } from "./timing.ts";
import { readWorkspaces, type Workspaces, type WorkspacesFlags } from "./workspaces.ts";

/** Flags as the command line gives them; each takes precedence over its environment variable. */
export interface Flags extends WorkspacesFlags, OperatorFlags, FileFlags {
  readonly configsDir?: string;
  /** Seconds. */
  readonly interval?: string;
}

/** What `run` and `doctor` need to know. */
export interface Config extends Workspaces, OperatorSettings {
  /** What it was read from. */
  readonly files: ReadFiles;
  /** `undefined`: wherever the configs dir is. */
  readonly configsDir: string | undefined;
  readonly cardOf: CardOf;
  readonly timing: Timing;
}

/**
 * Reads the configuration, and the files that it names.
 *
 * @throws ConfigError with all problems at once
 */
export async function loadConfig(flags: Flags, env: Env): Promise<Config> {
  return readConfig(flags, env, await createConfigFilesReader()(flags, { allowPipe: true }));
}

function readConfig(flags: Flags, env: Env, files: ConfigFiles): Config {
  const problems = new Problems();
  const none: Workspaces = { workspaces: [], isFleet: false };
  const config = {
    files: files.stamps,
    ...problems.attempt(() => readWorkspaces(flags, env, files), none),
    configsDir: flags.configsDir,
    cardOf: problems.attempt(() => readAgentCard(flags.agentCard, env, files), cardFromEnvironment(env)),
    timing: problems.attempt(
      () => ({ ...DEFAULT_TIMING, intervalMs: intervalMs(flags.interval) }),
      DEFAULT_TIMING,
    ),
    ...problems.attempt(() => readOperatorFlags(flags), readOperatorFlags({})),
  };
  problems.throwIfAny();
  return config;
}

function intervalMs(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TIMING.intervalMs;
  const seconds = text.trim() === "" ? Number.NaN : Number(text);
  if (seconds >= 5 && seconds <= 300) return seconds * 1000;
  throw new Error("--interval must be a number of seconds from 5 to 300.");
}
