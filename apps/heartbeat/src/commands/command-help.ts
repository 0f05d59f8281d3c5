import { helpSections, NETWORK_VARIABLES, STORE_VARIABLES, WORKSPACE_VARIABLES } from "./help-sections.ts";

const variables = { ...WORKSPACE_VARIABLES, ...STORE_VARIABLES, ...NETWORK_VARIABLES };

export const doctorHelp = helpSections({
  variables,
  exitCodes: { 0: "no problems found", 1: "problems found" },
});

export const sendHelp = helpSections({
  variables,
  exitCodes: {
    0: "delivered, or queued",
    1: "not delivered: a retry is safe",
    6: "it may have arrived; resending it with the printed --message-id does not duplicate it",
    7: "delivered, and the receiver answered with an error",
  },
});

export const rotateHelp = helpSections({
  variables,
  exitCodes: {
    0: "rotated",
    1: "rejected, or not completed: run it again",
    4: "the new token could not be stored: the platform has to issue another one",
    5: "the platform accepts none of the known tokens: an operator must issue one",
  },
});

export const proxyHelp = helpSections({
  variables,
  exitCodes: {
    0: "stopped by SIGTERM or Ctrl-C",
    1: "an unexpected error, or it did not stop within 8 s of a signal",
    2: "the configuration is invalid, or the proxy cannot listen there; retrying does not help",
  },
});

export const demoHelp = helpSections({
  variables: {},
  exitCodes: {
    0: "all checks passed, or it was stopped before a check failed",
    1: "a check failed, or --machines found no PostgreSQL",
  },
});

export const statusHelp = helpSections({
  variables: {},
  exitCodes: { 0: "no problems", 1: "problems found", 2: "no runner answers there" },
});

const storeCodes = {
  0: "done",
  1: "the database cannot be reached",
  2: "the store or the configuration is not usable; retrying does not help",
};

export const storeHelp = helpSections({ variables: STORE_VARIABLES, exitCodes: storeCodes });

export const putHelp = helpSections({
  variables: { ...WORKSPACE_VARIABLES, ...STORE_VARIABLES },
  exitCodes: storeCodes,
});

export const importHelp = helpSections({
  variables: { ...WORKSPACE_VARIABLES, ...STORE_VARIABLES },
  exitCodes: {
    ...storeCodes,
    0: "every token found is in the store",
    1: "some are not, or the database cannot be reached",
  },
});
