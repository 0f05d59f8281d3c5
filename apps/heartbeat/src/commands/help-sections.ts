import type { Command } from "commander";

/** A list in a help text: names and their descriptions. */
type Entries = Readonly<Record<string, string>>;

/** Environment variables of every command that is about a workspace. */
export const WORKSPACE_VARIABLES: Entries = {
  PLATFORM_URL: "base URL of the platform; --platform-url overrides it",
  WORKSPACE_ID: "the workspace; --workspace-id overrides it",
  MOLECULE_WORKSPACES: "a list of workspaces as JSON; --workspaces-file overrides it",
  CONFIGS_DIR: "where tokens are kept; --configs-dir overrides it",
  MOLECULE_WORKSPACE_TOKEN:
    "the single workspace's token, used if none is stored or the stored one is rejected",
  MOLECULE_WORKSPACE_TOKEN_FILE: "the path of a file with that token, such as a mounted Secret",
  MOLECULE_ORG_ID: "the tenant, on platforms that have tenants; MOLECULE_ORGANIZATION_ID works too",
};

/** For commands that can keep tokens in a database. */
export const STORE_VARIABLES: Entries = {
  HEARTBEAT_STORE: "URL of a PostgreSQL database, which may contain a password; --store overrides it",
  HEARTBEAT_STORE_KEY_FILE: "the file with the store's encryption keys; --store-key-file overrides it",
};

/** For commands that send requests. */
export const NETWORK_VARIABLES: Entries = {
  HTTPS_PROXY: "proxy for requests; also HTTP_PROXY and ALL_PROXY, with exceptions in NO_PROXY",
  NODE_EXTRA_CA_CERTS: "a file with certificates of additional authorities",
};

export interface HelpSections {
  readonly variables: Entries;
  /** By code; every command exits with 2 when its configuration cannot be used. */
  readonly exitCodes: Entries;
  /** Below the codes. @default nothing */
  readonly notes?: readonly string[];
}

const USAGE = "the command line or the configuration is invalid; retrying does not help";

/** The text below a command's flags, at their width. */
export function helpSections({ variables, exitCodes, notes = [] }: HelpSections) {
  return ({ command }: { readonly command: Command }): string => {
    const helper = command.createHelp();
    const helpWidth = command.configureOutput().getOutHelpWidth?.() ?? 80;
    helper.prepareContext({ helpWidth });
    const list = (entries: Entries) => {
      const width = Object.keys(entries).reduce((longest, { length }) => Math.max(longest, length), 0);
      return Object.entries(entries).map(([name, text]) => helper.formatItem(name, width, text, helper));
    };
    return [
      ...(Object.keys(variables).length > 0 ? ["\nEnvironment variables:", ...list(variables)] : []),
      "\nExit codes:",
      ...list({ 2: USAGE, ...exitCodes }),
      ...notes.map((note) => (note.startsWith("\n") ? note : helper.boxWrap(note, helpWidth))),
    ].join("\n");
  };
}
