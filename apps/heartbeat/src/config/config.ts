import type { Env } from "@x/auth-core";
import { type ReadFiles, stampsOf } from "../follow-files.ts";
import { DEFAULT_PACE, type Pace } from "../worker/delays.ts";
import { type CardOf, readAgentCard } from "./agent-card.ts";
import { type Operator, type OperatorFlags, readOperator } from "./operator.ts";
import { Problems } from "./problems.ts";
import { readWorkspaces, type Workspaces, type WorkspacesFlags } from "./workspaces.ts";

/** Flags as the command line gives them; each goes before its variable. */
export interface Flags extends WorkspacesFlags, OperatorFlags {
  readonly configsDir?: string;
  /** Path of a JSON file. */
  readonly agentCard?: string;
  /** Seconds. */
  readonly interval?: string;
}

/** What `run` and `doctor` need to know. */
export interface Config extends Workspaces, Operator {
  /** What it was read from. */
  readonly files: ReadFiles;
  /** `undefined`: wherever the configs dir is. */
  readonly configsDir: string | undefined;
  readonly cardOf: CardOf;
  readonly pace: Pace;
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
    pace: problems.attempt(() => ({ ...DEFAULT_PACE, intervalMs: intervalMs(flags.interval) }), DEFAULT_PACE),
    ...problems.attempt(() => readOperator(flags), readOperator({})),
  };
  problems.throwIfAny();
  return config;
}

function intervalMs(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PACE.intervalMs;
  const seconds = text.trim() === "" ? Number.NaN : Number(text);
  if (seconds >= 5 && seconds <= 300) return seconds * 1000;
  throw new Error("--interval must be a number of seconds from 5 to 300.");
}
