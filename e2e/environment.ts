/** What the packages, the apps and the programs that tests start read from the environment. */
const READ_FROM_ENVIRONMENT = [
  /^(?:MOLECULE_.*|PLATFORM_URL|WORKSPACE_ID|CONFIGS_DIR)$/,
  /^(?:https?|all|no)_proxy$/i,
  /^(?:NODE_USE_ENV_PROXY|NO_COLOR|FORCE_COLOR|CLICOLOR|CLICOLOR_FORCE)$/,
  // Set inside of a git hook, where `git` would otherwise work on that repository.
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|COMMON_DIR|NAMESPACE)$/,
];

/**
 * Takes out of this process's environment what would make a test depend on the machine: what an agent of its own is
 * configured with, proxies, colours, a git hook around the run. Called by the configurations of the tests, before any
 * worker starts, so that neither the tests nor what they start sees any of it.
 */
export function clearEnvironment(env: NodeJS.ProcessEnv = process.env): void {
  for (const name of Object.keys(env)) {
    if (READ_FROM_ENVIRONMENT.some((pattern) => pattern.test(name))) delete env[name];
  }
}
