/** The environment variables that the packages, the apps and the programs started by tests read. */
const READ_FROM_ENVIRONMENT = [
  /^(?:MOLECULE_.*|PLATFORM_URL|WORKSPACE_ID|CONFIGS_DIR)$/,
  /^(?:https?|all|no)_proxy$/i,
  /^(?:NODE_USE_ENV_PROXY|NO_COLOR|FORCE_COLOR|CLICOLOR|CLICOLOR_FORCE)$/,
  // Set within a git hook; `git` would then operate on that repository.
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|COMMON_DIR|NAMESPACE)$/,
];

/**
 * Removes variables from this process's environment that would make tests depend on the machine: the configuration of
 * an agent, proxies, colours, a surrounding git hook. The test configurations call it before any worker starts, so that
 * neither the tests nor their child processes see them.
 */
export function clearEnvironment(env: NodeJS.ProcessEnv = process.env): void {
  for (const name of Object.keys(env)) {
    if (READ_FROM_ENVIRONMENT.some((pattern) => pattern.test(name))) delete env[name];
  }
}
