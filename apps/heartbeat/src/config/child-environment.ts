import type { Env } from "@x/auth-core";
import { SYSTEMD_VARIABLES } from "../systemd/notifier.ts";

/** Variables that hold tokens, or say where one is. */
const TOKEN_VARIABLES = ["MOLECULE_WORKSPACE_TOKEN", "MOLECULE_WORKSPACE_TOKEN_FILE", "MOLECULE_WORKSPACES"];

/**
 * The environment for a process that this one starts: without what holds a token, and without what would have it report to
 * systemd in this one's place.
 */
export function childEnvironment(env: Env): Record<string, string> {
  const token = env.MOLECULE_WORKSPACE_TOKEN?.trim();
  const left: readonly string[] = [...TOKEN_VARIABLES, ...SYSTEMD_VARIABLES];
  const kept = Object.entries(env).flatMap(([name, value]) => {
    const isLeft = left.includes(name) || (token && value?.includes(token));
    return value === undefined || isLeft ? [] : [[name, value]];
  });
  return Object.fromEntries(kept);
}
