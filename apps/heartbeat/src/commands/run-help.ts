import { helpSections, NETWORK_VARIABLES, STORE_VARIABLES, WORKSPACE_VARIABLES } from "./help-sections.ts";

/** What stands below the flags of `heartbeat run`. */
export const runHelp = helpSections({
  variables: {
    ...WORKSPACE_VARIABLES,
    MOLECULE_AGENT_NAME: "agent card, with MOLECULE_AGENT_DESCRIPTION and MOLECULE_AGENT_SKILLS",
    ...STORE_VARIABLES,
    ...NETWORK_VARIABLES,
    NO_COLOR: "set to anything: no colours",
    NOTIFY_SOCKET: "set by systemd (Type=notify): it is told when the runner is ready and when it stops",
    WATCHDOG_USEC: "set by systemd, with WATCHDOG_PID: it is told that the runner still works",
    JOURNAL_STREAM: "set by systemd: whether the log goes to its journal",
  },
  exitCodes: {
    0: "ended by SIGTERM or Ctrl-C, and no token is lost",
    1: "an unexpected error, or it did not end within 8 s of a signal",
    2: "the configuration cannot be used, or the status port is taken; trying again is no use",
    3: "the platform rejects the only workspace's token at the start",
    4: "ended with a token that could not be stored: the platform has to issue a new one",
  },
  notes: [
    "With a command after --: its own exit code, 128 and the number of the signal that ended it, 127 when it was not found, " +
      "126 when it could not be started. Where that is 0, the codes above apply.",
    "\nEvery code of the log, and what to do about it: docs/events.md",
  ],
});
