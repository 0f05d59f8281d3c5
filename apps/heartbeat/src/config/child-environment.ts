import type { Env } from "@x/auth-core";

/** Environment variables that hold a token or the path of one. */
const TOKEN_VARIABLES = ["MOLECULE_WORKSPACE_TOKEN", "MOLECULE_WORKSPACE_TOKEN_FILE", "MOLECULE_WORKSPACES"];

/** Environment variables with which the tokens of a whole fleet can be read. */
const STORE_VARIABLES = ["HEARTBEAT_STORE", "HEARTBEAT_STORE_KEY_FILE"];
/** The password of the store, or of another database when there is no store. */
const PASSWORD_VARIABLES = ["PGPASSWORD", "PGPASSFILE"];

/** Environment variables with which systemd asks a service to report; child processes must not answer instead. */
const SYSTEMD_VARIABLES = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"];

/**
 * The environment for a child process: without anything that holds a token or opens the shared store, and without the
 * variables with which it would report to systemd as this process.
 */
export function childEnvironment(
  env: Env,
  { hasStore = false }: { readonly hasStore?: boolean } = {},
): Record<string, string> {
  const token = env.MOLECULE_WORKSPACE_TOKEN?.trim();
  const left: readonly string[] = [
    ...TOKEN_VARIABLES,
    ...STORE_VARIABLES,
    ...(hasStore ? PASSWORD_VARIABLES : []),
    ...SYSTEMD_VARIABLES,
  ];
  const kept = Object.entries(env).flatMap(([name, value]) => {
    const isLeft = left.includes(name) || (token && value?.includes(token));
    return value === undefined || isLeft ? [] : [[name, value]];
  });
  return Object.fromEntries(kept);
}
