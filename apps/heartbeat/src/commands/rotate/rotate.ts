import { createPlatformClients } from "@x/platform-client";
import { systemClock } from "../../clock.ts";
import type { Config } from "../../config/config.ts";
import { ConfigError } from "../../config/problems.ts";
import type { WorkspaceConfig } from "../../config/workspaces.ts";
import { fallbacksOf, openAuth, refOf } from "../../fleet/workspace-auth.ts";
import type { WorkspaceStore } from "../../storage/workspace-store.ts";
import { connectPlainly } from "../../transport/plain-connection.ts";
import { readProxies } from "../../transport/proxies.ts";
import { userAgent } from "../../version.ts";
import type { RotationResult } from "../../workspace/rotation/result.ts";
import { rotateToken } from "../../workspace/rotation/rotation.ts";
import type { RotationOptions } from "../../workspace/rotation/rotation-options.ts";
import type { CommandEnvironment } from "../command-environment.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { openStore } from "../open-store.ts";
import { untilSignal } from "../shutdown.ts";
import { describeRotation, rotationExitCode } from "./describe-rotation.ts";

/** Flags of `heartbeat rotate`. */
export interface RotateFlags {
  readonly workspaceId?: string;
  readonly all?: boolean;
  readonly revokeOthers?: boolean;
}

/**
 * Replaces the tokens of the chosen workspaces one after another and prints the results.
 *
 * @returns the worst of their exit codes
 * @throws ConfigError when the choice of workspaces is ambiguous
 */
export async function rotate(
  config: Config,
  flags: RotateFlags,
  { env, hide, onStuck = () => {} }: CommandEnvironment,
): Promise<ExitCode> {
  const workspaces = chosen(config, flags);
  const { store } = await openStore(config, { env, onSecret: hide });
  const results: RotationResult[] = [];
  await untilSignal(
    async (signal) => {
      try {
        for (const workspace of workspaces) {
          if (signal.aborted) break;
          const result = await rotateOne(workspace, {
            card: config.cardOf(workspace.id),
            timeoutMs: config.timing.timeoutMs,
            revokeOthers: flags.revokeOthers === true,
            env,
            hide,
            store,
            signal,
          });
          results.push(result);
          console.log(`${workspace.id}: ${describeRotation(result)}`);
        }
      } finally {
        await store.close();
        if (store.isStuck()) onStuck();
      }
    },
    { isStuck: store.isStuck },
  );
  if (workspaces.length > 1) console.log(summary(results, workspaces.length));
  const codes = results.map(rotationExitCode);
  const [worst = EXIT.ok] = codes.sort((a, b) => b - a);
  return worst === EXIT.ok && results.length < workspaces.length ? EXIT.problem : worst;
}

function chosen({ workspaces, isFleet }: Config, { workspaceId, all }: RotateFlags) {
  if (all === true && workspaceId !== undefined) {
    throw new ConfigError(["--all and --workspace-id contradict each other; give one of them."]);
  }
  if (isFleet && all !== true && workspaceId === undefined) {
    throw new ConfigError([
      "There is a list of workspaces; say which one with --workspace-id, or give --all.",
    ]);
  }
  return workspaces;
}

export interface RotateOneOptions
  extends CommandEnvironment,
    Pick<RotationOptions, "card" | "revokeOthers" | "signal"> {
  readonly timeoutMs: number;
  readonly store: WorkspaceStore;
}

/** Replaces the token of one workspace, whose runner may be at work. */
export async function rotateOne(
  workspace: WorkspaceConfig,
  { card, timeoutMs, revokeOthers, env, hide, store, signal }: RotateOneOptions,
): Promise<RotationResult> {
  const { platformUrl, ownPlatform } = workspace;
  const clock = systemClock();
  const transport = await connectPlainly(platformUrl, clock, readProxies(env));
  const auth = openAuth(workspace, { store, env, onAuthEvent() {}, onSecret: hide });
  try {
    // Reads all sources: no token of any of them is printed, whichever is used.
    await auth.explain();
    return await rotateToken({
      ref: refOf(workspace),
      platformUrl,
      auth,
      store,
      fallbacks: fallbacksOf(workspace, { env, onSecret: hide }),
      card,
      env: ownPlatform ? {} : env,
      createClient: createPlatformClients({
        platformUrl,
        transport,
        clock,
        timeoutMs,
        userAgent,
      }),
      clock,
      signal,
      ...(revokeOthers !== undefined && { revokeOthers }),
    });
  } finally {
    await transport.close();
  }
}

function summary(results: readonly RotationResult[], all: number): string {
  const count = (code: ExitCode) => results.filter((result) => rotationExitCode(result) === code).length;
  const parts = [
    [count(EXIT.ok), "rotated"],
    [count(EXIT.problem), "not rotated, or not completed"],
    [count(EXIT.unsaved) + count(EXIT.operator), "waiting for a token from an operator"],
    [all - results.length, "not started"],
  ] as const;
  const found = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return `${all} workspaces: ${found.join(", ")}`;
}
