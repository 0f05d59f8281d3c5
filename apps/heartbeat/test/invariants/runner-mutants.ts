import { mutantsOf } from "../support/mutants.ts";

/** A violation of an invariant, as the audit reports it. */
export const [I1, I2] = [/\bI1 at \d/, /\bI2 at \d/];
const I3 = /\bI3 at \d/;

/** Faults that the property of the whole runner, on a disk in memory, must detect. */
export const runnerMutants = mutantsOf({
  "apps/heartbeat/src/fleet/entry.ts": {
    "a removal resolves before requests in flight have ended": {
      shows: I3,
      find: "if (this.#inFlight === 0) return Promise.resolve();",
      replacement: "return Promise.resolve();",
    },
    "run() does not wait for removed workspaces": {
      shows: I3,
      find: "if (this.#inFlight === 0) this.#onIdle?.();",
    },
  },
  "apps/heartbeat/src/fleet/fleet.ts": {
    "a removal does not wait for a workspace that a list had dropped": {
      shows: I3,
      find: "return draining.ofId(id);",
      replacement: "return workspace === undefined ? Promise.resolve() : draining.ofId(id);",
    },
    "a successor begins while its predecessor drains": {
      shows: I3,
      find: "if (drained === undefined) start(workspace, begin);",
      replacement: "start(workspace, begin); if (1 < 2) return;",
    },
    "an id that is added twice runs twice": {
      shows: I3,
      find: "if (replaced !== undefined) end(replaced);",
    },
    "an aborted signal does not remove a workspace": {
      shows: I3,
      find: 'signal?.addEventListener("abort", () => end(workspace), { once: true });',
    },
    "a workspace can be removed after run() has settled": {
      shows: I3,
      find: "      isOver = true;\n",
    },
    "an unsaved token of a removed workspace is dropped": {
      shows: I2,
      find: "leftBehind.add({ ref, agent });",
    },
    "a successor does not store the token left behind": {
      shows: I2,
      find: "leftBehind.take(ref)",
      replacement: "null",
    },
  },
  "apps/heartbeat/src/fleet/scheduler.ts": {
    "run() settles at once": {
      shows: I3,
      find: "if (steps === 0 && jobs.running() === 0) onIdle();",
      replacement: "onIdle();",
    },
  },
  "apps/heartbeat/src/workspace/registration.ts": {
    "a removed workspace still prepares its registration": {
      shows: I3,
      find: "this.#preparing?.abort();",
    },
    "no probe before a registration without a bearer": {
      shows: I2,
      find: "          await this.#beforeUnsigned(preparing.signal);\n",
    },
  },
  "packages/platform-client/src/call.ts": {
    "a failed probe is ignored": {
      shows: I2,
      find: "if (problem) return this.#unsent(problem);",
    },
  },
  "packages/platform-client/src/endpoints.ts": {
    "a token in an A2A answer is accepted": {
      shows: I1,
      find: "isMessage: true,",
      replacement: 'isMessage: true, issues: "heartbeat",',
    },
    "a token in a workspace's status is accepted": {
      shows: I1,
      find: "parse: ({ body }, asked) => parseWorkspace(body, asked),",
      replacement: 'issues: "heartbeat", parse: ({ body }, asked) => parseWorkspace(body, asked),',
    },
  },
  "apps/heartbeat/src/fleet/workspace-auth.ts": {
    "a stored token is found by the workspace's id alone": {
      shows: I1,
      find: "storage: store.token(refOf(config)),",
      replacement:
        'storage: (({ read, replace, write, location }) => ({ location, read: () => read({ platformOrigin: "https://a.example" }), write: (token) => write(token, { platformOrigin: "https://a.example" }), replace: (expected, token) => replace(expected, token, { platformOrigin: "https://a.example" }) }))(store.token(refOf(config))),',
    },
  },
  "apps/heartbeat/src/workspace/credentials.ts": {
    "a received token replaces any stored one": {
      shows: I2,
      find: "{ sentWith, platformOrigin: ref.platformOrigin }",
      replacement: "{ platformOrigin: ref.platformOrigin }",
    },
    "a spilled token is dropped before it is stored": {
      shows: I2,
      find: "this.#unsaved = { token, sentWith: isOlder ? stored : sentWith, isSpilled: true };",
      replacement:
        "this.#unsaved = { token, sentWith: isOlder ? stored : sentWith, isSpilled: true }; await place.drop(token);",
    },
  },
  "packages/auth-core/src/token-saves.ts": {
    "saving does not compare with the stored token": {
      shows: I2,
      find: "if (isReceived && !this.#isOlder(asked, save)) break;",
    },
  },
  "apps/heartbeat/src/workspace/spilled-token.ts": {
    "a token that cannot be stored is not spilled": {
      shows: I2,
      find: "await this.#token.write(token);",
    },
  },
  "packages/platform-client/src/send.ts": {
    "a request that may bring a token is aborted at once": {
      shows: I2,
      find: "signal !== undefined && request.mayIssue;",
      replacement: "signal !== undefined && !request;",
    },
  },
  "apps/heartbeat/src/storage/workspace-store.ts": {
    "a token left behind is found by the workspace's id alone": {
      shows: I1,
      find: "({ platformOrigin, workspaceId }: WorkspaceRef): string =>",
      replacement:
        "({ workspaceId, platformOrigin = workspaceId }: Partial<WorkspaceRef>): string => workspaceId ??",
    },
  },
});
