/**
 * Files that mostly wait for processes, browsers, compilers or registries. `npm test` skips them, to finish within five
 * minutes on two cores; `pnpm test:slow` runs them, as a step of `.ci/run`.
 */
const SLOW = [
  "apps/emulator/test/dashboard-accessibility.test.ts",
  "apps/emulator/test/dashboard-details.test.ts",
  "apps/emulator/test/dashboard.test.ts",
  "apps/emulator/test/join-accessibility.test.ts",
  "apps/emulator/test/join-leave.test.ts",
  "apps/emulator/test/join.test.ts",
  "apps/heartbeat/src/commands/follow-files.test.ts",
  "apps/heartbeat/src/storage/file-threads.test.ts",
  "apps/heartbeat/src/storage/killed.test.ts",
  "apps/heartbeat/test/audience.test.ts",
  "apps/heartbeat/test/cluster/chaos.test.ts",
  "apps/heartbeat/test/cluster/failover-restart.test.ts",
  "apps/heartbeat/test/cluster/failover.test.ts",
  "apps/heartbeat/test/cluster/machines.test.ts",
  "apps/heartbeat/test/cluster/ownership-mutants.test.ts",
  "apps/heartbeat/test/cluster/postgres-store.test.ts",
  "apps/heartbeat/test/cluster/stale-copy.test.ts",
  "apps/heartbeat/test/cluster/tokens-mutants.test.ts",
  "apps/heartbeat/test/cluster/unsure.test.ts",
  "apps/heartbeat/test/demo-machines.test.ts",
  "apps/heartbeat/test/demo.test.ts",
  "apps/heartbeat/test/doctor.test.ts",
  "apps/heartbeat/test/first-process.test.ts",
  "apps/heartbeat/test/hanging-disk.test.ts",
  "apps/heartbeat/test/inbox/inbox-model.test.ts",
  "apps/heartbeat/test/invariants/mutants.test.ts",
  "apps/heartbeat/test/leaks.test.ts",
  "apps/heartbeat/test/library/start-workspace.test.ts",
  "apps/heartbeat/test/library/wedged.test.ts",
  "apps/heartbeat/test/log-format.test.ts",
  "apps/heartbeat/test/message-stress.test.ts",
  "apps/heartbeat/test/network.test.ts",
  "apps/heartbeat/test/output.test.ts",
  "apps/heartbeat/test/platform-change.test.ts",
  "apps/heartbeat/test/proxies.test.ts",
  "apps/heartbeat/test/proxy/listening.test.ts",
  "apps/heartbeat/test/proxy/streams.test.ts",
  "apps/heartbeat/test/readme.test.ts",
  "apps/heartbeat/test/reload.test.ts",
  "apps/heartbeat/test/removal.test.ts",
  "apps/heartbeat/test/repeated-signal.test.ts",
  "apps/heartbeat/test/rotation/command.test.ts",
  "apps/heartbeat/test/rotation/processes-killed.test.ts",
  "apps/heartbeat/test/run-messages.test.ts",
  "apps/heartbeat/test/run.test.ts",
  "apps/heartbeat/test/other-runners.test.ts",
  "apps/heartbeat/test/send.test.ts",
  "apps/heartbeat/test/slow-disk.test.ts",
  "apps/heartbeat/test/soak.test.ts",
  "apps/heartbeat/test/status-command.test.ts",
  "apps/heartbeat/test/status.test.ts",
  "apps/heartbeat/test/store/commands.test.ts",
  "apps/heartbeat/test/store/doctor.test.ts",
  "apps/heartbeat/test/supervisor/run-command.test.ts",
  "apps/heartbeat/test/systemd/notify.test.ts",
  "apps/heartbeat/test/terminal.test.ts",
  "apps/heartbeat/test/unsaved-exit.test.ts",
  "e2e/browser/test/platform.test.ts",
  "e2e/browser/test/rejections.test.ts",
  "e2e/browser/test/survival.test.ts",
  "e2e/browser/test/two-tabs.test.ts",
  "e2e/bundlers/test/bundlers.test.ts",
  "e2e/docs/test/blocks.test.ts",
  "e2e/docs/test/names.test.ts",
  "e2e/docs/test/readme.test.ts",
  "e2e/docs/test/storage.test.ts",
  "e2e/recipes/test/clients.test.ts",
  "e2e/recipes/test/runners.test.ts",
  "e2e/release/test/api.test.ts",
  "e2e/release/test/tarballs.test.ts",
  "e2e/runtimes/test/here.test.ts",
  "e2e/stress/test/short.test.ts",
  "e2e/types/test/declarations.test.ts",
  "e2e/types/test/newest.test.ts",
  "packages/auth-core/test/invariants.test.ts",
  "packages/auth-core/test/secrets.test.ts",
  "packages/auth-node/src/file/migrate-killed.test.ts",
  "packages/auth-node/src/file/audience-killed.test.ts",
  "packages/auth-node/src/file/audience-model.test.ts",
  "packages/auth-node/src/file/each-call-fails.test.ts",
  "packages/auth-node/src/file/killed.test.ts",
  "packages/auth-node/src/keyring/contract.test.ts",
  "packages/auth-postgres/test/changes.test.ts",
  "packages/auth-postgres/test/contract.test.ts",
  "packages/auth-postgres/test/durability.test.ts",
  "packages/auth-postgres/test/embedded.test.ts",
  "packages/auth-postgres/test/failover-model.test.ts",
  "packages/auth-postgres/test/failover.test.ts",
  "packages/auth-postgres/test/inspection.test.ts",
  "packages/auth-postgres/test/pools.test.ts",
  "packages/auth-postgres/test/readme.test.ts",
  "packages/auth-postgres/test/resealing.test.ts",
  "packages/auth-postgres/test/store.test.ts",
  "packages/auth-postgres/test/unsafe-servers.test.ts",
  "packages/platform-client/test/broken-off.test.ts",
];

/** Files that measure the time that passes; `pnpm test:quiet` runs one after another, as a step of `.ci/run`. */
const QUIET = ["apps/emulator/test/dashboard-performance.test.ts"];

/**
 * Selects a project's tests: all but the slow and quiet ones; with `TESTS=slow` or `TESTS=quiet` only those; with
 * `TESTS=all` all.
 *
 * @param project folder, relative to the root
 * @param include patterns of its tests, relative to that folder
 */
export function testsOf(project: string, include = ["test/**/*.test.ts"]) {
  const within = (files: readonly string[]) =>
    files.filter((file) => file.startsWith(`${project}/`)).map((file) => file.slice(project.length + 1));
  const exclude = ["**/node_modules/**"];
  const { TESTS } = process.env;
  if (TESTS === "all") return { include, exclude };
  if (TESTS === "slow") return { include: within(SLOW), exclude };
  if (TESTS === "quiet") return { include: within(QUIET), exclude };
  return { include, exclude: [...exclude, ...within(SLOW), ...within(QUIET)] };
}
