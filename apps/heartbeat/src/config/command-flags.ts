import type { Env } from "@x/auth-core";
import { Problems } from "./problems.ts";
import { socketOf } from "./proxy-flags.ts";

/** Flags of `heartbeat run` for what runs next to the workspace, as the command line gives them. */
export interface CommandFlags {
  /** The arguments after `--`: a program and its arguments. */
  readonly command?: readonly string[];
  readonly restart?: string;
  readonly tokenEnv?: boolean;
  readonly proxySocket?: string;
}

const POLICIES = ["no", "on-failure", "always"] as const;
/** When to restart a command that has exited. */
export type RestartPolicy = (typeof POLICIES)[number];

/** The command that the workspace is kept online for. */
export interface CommandSettings {
  readonly file: string;
  readonly args: readonly string[];
  readonly restart: RestartPolicy;
  /** Also puts the token into its environment. */
  readonly tokenEnv: boolean;
}

export interface BesideSettings {
  /** `null` when there is none: the workspace is kept online until a signal arrives. */
  readonly command: CommandSettings | null;
  /** Absolute; `null`: none was asked for. */
  readonly proxySocket: string | null;
}

/** @throws ConfigError with all problems at once */
export function readCommandFlags(flags: CommandFlags, env: Env): BesideSettings {
  const { proxySocket } = flags;
  const problems = new Problems();
  const settings = {
    command: problems.attempt(() => commandOf(flags), null),
    proxySocket: problems.attempt(
      () => (proxySocket === undefined ? null : socketOf(proxySocket, "--proxy-socket", env)),
      null,
    ),
  };
  problems.throwIfAny();
  return settings;
}

function commandOf({ command = [], restart, tokenEnv = false }: CommandFlags): CommandSettings | null {
  const [file, ...args] = command;
  if (file === undefined) {
    if (restart === undefined && !tokenEnv) return null;
    throw new Error("--restart and --token-env are for a command: heartbeat run -- <command>.");
  }
  const policy = POLICIES.find((known) => known === (restart ?? "no"));
  if (file.trim() === "") throw new Error("the command after -- is blank.");
  if (policy === undefined) throw new Error(`--restart must be one of ${POLICIES.join(", ")}.`);
  return { file, args, restart: policy, tokenEnv };
}
