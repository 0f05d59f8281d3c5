import type { Env } from "@x/auth-core";
import { type CardOf, readAgentCard } from "./agent-card.ts";
import { type ReadFiles, stampsOf } from "./file-stamps.ts";
import { type OperatorFlags, type OperatorSettings, readOperatorFlags } from "./operator-flags.ts";
import { Problems } from "./problems.ts";
import { DEFAULT_TIMING, type Timing } from "./timing.ts";
import { readWorkspaces, type Workspaces, type WorkspacesFlags } from "./workspaces.ts";

/** Flags as the command line gives them; each takes precedence over its environment variable. */
export interface Flags extends WorkspacesFlags, OperatorFlags {
  readonly configsDir?: string;
  /** Path of a JSON file. */
  readonly agentCard?: string;
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

/** @throws ConfigError with all problems at once */
export function readConfig(flags: Flags, env: Env): Config {
  const problems = new Problems();
  const none: Workspaces = { workspaces: [], isFleet: false };
  const config = {
    files: stampsOf([flags.workspacesFile, flags.agentCard]),
    ...problems.attempt(() => readWorkspaces(flags, env), none),
    configsDir: flags.configsDir,
    cardOf: problems.attempt(() => readAgentCard(flags.agentCard, env), readAgentCard(undefined, env)),
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
