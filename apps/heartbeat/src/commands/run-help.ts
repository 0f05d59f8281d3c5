import type { Command } from "commander";

/** The environment variables of `heartbeat run`, for its help. */
const VARIABLES: Readonly<Record<string, string>> = {
  PLATFORM_URL: "base URL of the platform, without --platform-url",
  WORKSPACE_ID: "the one workspace, without --workspace-id",
  MOLECULE_WORKSPACES: "a list of workspaces as JSON, without --workspaces-file",
  CONFIGS_DIR: "where tokens are kept, without --configs-dir",
  MOLECULE_WORKSPACE_TOKEN: "token of the one workspace, used when none is stored",
  MOLECULE_WORKSPACE_TOKEN_FILE: "a file with that token, such as a mounted Secret",
  MOLECULE_ORG_ID: "tenant, for platforms that have tenants; else MOLECULE_ORGANIZATION_ID",
  MOLECULE_AGENT_NAME: "agent card, with MOLECULE_AGENT_DESCRIPTION and MOLECULE_AGENT_SKILLS",
  HEARTBEAT_STORE: "URL of a PostgreSQL database, without --store; it may hold a password",
  HEARTBEAT_STORE_KEY_FILE: "the keys that encrypt what is stored there",
  HTTPS_PROXY: "proxy for requests, also HTTP_PROXY, ALL_PROXY; NO_PROXY: what is reached directly",
  NODE_EXTRA_CA_CERTS: "a file with certificates of authorities to trust besides the machine's",
  NO_COLOR: "set to anything: no colours",
  NOTIFY_SOCKET: "set by systemd (Type=notify): reports when the runner is ready and when it stops",
  WATCHDOG_USEC: "set by systemd, with WATCHDOG_PID: reports that the runner is working",
  JOURNAL_STREAM: "set by systemd: whether the log goes to its journal",
};

const EXIT_CODES: Readonly<Record<string, string>> = {
  0: "ended by SIGTERM or Ctrl-C, and no token is lost",
  1: "an unexpected error, or it did not end within 8 s of a signal",
  2: "the configuration is invalid, or the status port is taken; retrying does not help",
  3: "the platform rejects the only workspace's token at the start",
  4: "ended with a token that could not be stored: the platform has to issue a new one",
};

const AFTER =
  "With a command after --: its own exit code, 128 and the number of the signal that ended it, 127 when it was not found, " +
  "126 when it could not be started. Where that is 0, the codes above apply.";

/** The text below the flags, aligned with them. */
export function runHelp({ command }: { readonly command: Command }): string {
  const helper = command.createHelp();
  helper.prepareContext({ helpWidth: command.configureOutput().getOutHelpWidth?.() ?? 80 });
  const list = (entries: Readonly<Record<string, string>>) => {
    const width = Object.keys(entries).reduce((longest, { length }) => Math.max(longest, length), 0);
    return Object.entries(entries).map(([name, text]) => helper.formatItem(name, width, text, helper));
  };
  return [
    "\nEnvironment variables:",
    ...list(VARIABLES),
    "\nExit codes:",
    ...list(EXIT_CODES),
    helper.boxWrap(AFTER, helper.helpWidth ?? 80),
    "\nEvery code of the log, and what to do about it: docs/events.md",
  ].join("\n");
}
