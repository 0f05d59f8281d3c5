import type { Env } from "@x/auth-core";
import { resolveFilePath } from "@x/auth-node";
import { ConfigError, Problems } from "./problems.ts";

const BOM = "\ufeff";

const TOKEN_FILE = "MOLECULE_WORKSPACE_TOKEN_FILE";

/**
 * Environment variables whose text is never in quotes. Docker's `--env-file` keeps quotes that a shell would remove.
 */
const UNQUOTED = [
  "PLATFORM_URL",
  "WORKSPACE_ID",
  "CONFIGS_DIR",
  "HOME",
  "MOLECULE_WORKSPACES",
  TOKEN_FILE,
  "MOLECULE_ORG_ID",
  "MOLECULE_ORGANIZATION_ID",
  "HEARTBEAT_STORE",
  "HEARTBEAT_STORE_KEY_FILE",
];

/**
 * Cleans up the environment: a byte order mark at the start of an env file sticks to the name of its first variable.
 *
 * @throws ConfigError for values in quotes
 */
export function readEnvironment(env: Env): Env {
  const marked = Object.keys(env).filter((name) => name.startsWith(BOM));
  const added = Object.fromEntries(marked.map((name) => [name.slice(BOM.length), env[name]]));
  const read = marked.length === 0 ? env : { ...added, ...env };
  const quoted = UNQUOTED.filter((name) => /^(["']).*\1$/s.test(read[name]?.trim() ?? ""));
  if (quoted.length > 0) {
    throw new ConfigError(
      quoted.map((name) => `${name} is in quotes, which no shell removes here; leave them out.`),
    );
  }
  const file = read[TOKEN_FILE]?.trim();
  if (!file?.startsWith("~")) return read;
  const problems = new Problems();
  const path = problems.attempt(() => resolveFilePath(file, { name: TOKEN_FILE, env: read }), file);
  problems.throwIfAny();
  return { ...read, [TOKEN_FILE]: path };
}

/** The flags that name files or directories. */
interface PathFlags {
  readonly workspacesFile?: string;
  readonly agentCard?: string;
  readonly configsDir?: string;
  readonly storeKeyFile?: string;
}

/** Makes the paths of flags absolute, with `~` as the home directory. @throws ConfigError */
export function resolvePaths<T extends PathFlags>(flags: T, env: Env): T {
  const problems = new Problems();
  const absolute = (path: string | undefined, name: string) =>
    path === undefined ? path : problems.attempt(() => pathOf(path, name, env), path);
  const resolved = {
    workspacesFile: absolute(flags.workspacesFile, "--workspaces-file"),
    agentCard: absolute(flags.agentCard, "--agent-card"),
    configsDir: absolute(flags.configsDir, "--configs-dir"),
    storeKeyFile: absolute(flags.storeKeyFile, "--store-key-file"),
  };
  problems.throwIfAny();
  const given = Object.entries(resolved).filter(([, path]) => path !== undefined);
  return { ...flags, ...Object.fromEntries(given) };
}

function pathOf(path: string, name: string, env: Env): string {
  if (path.trim() === "") throw new Error(`${name} must be a path; it is blank.`);
  return resolveFilePath(path, { name, env });
}
