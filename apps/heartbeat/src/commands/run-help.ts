import { helpSections, NETWORK_VARIABLES, STORE_VARIABLES, WORKSPACE_VARIABLES } from "./help-sections.ts";

/** The text below the flags of `heartbeat run`. */
export const runHelp = helpSections({
  variables: {
    ...WORKSPACE_VARIABLES,
    MOLECULE_AGENT_NAME: "agent card, with MOLECULE_AGENT_DESCRIPTION and MOLECULE_AGENT_SKILLS",
    ...STORE_VARIABLES,
    ...NETWORK_VARIABLES,
    NO_COLOR: "any value turns colours off",
    NOTIFY_SOCKET: "set by systemd (Type=notify): where the runner reports that it is ready or stopping",
    WATCHDOG_USEC: "set by systemd, with WATCHDOG_PID: how often the runner must report that it works",
    JOURNAL_STREAM: "set by systemd: whether the log goes to its journal",
  },
  exitCodes: {
    0: "stopped by SIGTERM or Ctrl-C, with every token it received stored",
    1: "an unexpected error, or it did not stop within 8 s of a signal",
    2: "the configuration is invalid, the store is not usable, or a port or socket is taken; retrying does not help",
    3: "the platform rejects the only workspace's token at the start",
    4: "stopped with a token that could not be stored: the platform must issue a new one",
  },
  notes: [
    "With a command after --: the command's own exit code, 128 plus the signal number if a signal ended it, 127 if it was " +
      "not found, 126 if it could not start. If the command exits with 0, the codes above apply.",
    "\nEvery code of the log, and what to do about it: docs/events.md",
  ],
});
