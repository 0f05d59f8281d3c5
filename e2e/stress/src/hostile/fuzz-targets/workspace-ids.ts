import { type Auth, createAuth, memoryTokenStorage, validateWorkspaceId } from "@x/auth-core";
import { hostile } from "../inputs/text.ts";
import { ids } from "../inputs/valid.ts";
import { idIn, isBlank } from "../rules.ts";
import { closeAll, runnerConnections, sendOnce } from "../wire/runner-connections.ts";
import { wrongWithAny } from "../wire/wire.ts";
import { attempt, type CheckResult, checkRejection, type FuzzTarget, openFuzzTarget } from "./fuzz-target.ts";

const TOKEN = "the-token-of-the-workspace";

/** Ids that go into a header and into the path of a request. */
export const workspaceIds: FuzzTarget = {
  id: "workspace-ids",
  what: "workspace ids",
  share: 230_000,
  atOnce: 1,
  async open({ wire }) {
    const connections = await runnerConnections(wire.origin);
    const auth = createAuth({ storage: memoryTokenStorage(TOKEN), env: { PLATFORM_URL: wire.origin } });
    const target = openFuzzTarget(hostile(ids), {
      check: (id) => check(auth, id as string),
      async send(text) {
        const id = validateWorkspaceId(text as string);
        const headers = await auth.selfSourceHeaders(text as string);
        const wanted = {
          authorization: `Bearer ${TOKEN}`,
          origin: wire.origin,
          "x-workspace-id": idIn(text) ?? "",
        };
        const path = `workspaces/${id}/a2a`;
        const byFetch = await wire.heads(() =>
          fetch(`${wire.origin}/${path}`, { method: "POST", headers, body: "{}" }),
        );
        const sent = [byFetch];
        const request = { method: "POST", url: `${wire.origin}/${path}`, headers, body: "{}" } as const;
        for (const connection of connections) {
          sent.push(await wire.heads(() => sendOnce(connection, request)));
        }
        const isThere = ([head]: string[]) =>
          head?.startsWith(`POST /workspaces/${idIn(text)}/a2a HTTP/1.1\r\n`);
        if (!sent.every(isThere)) return "another path";
        return wrongWithAny(sent, wanted);
      },
    });
    return { ...target, close: () => closeAll(connections) };
  },
};

async function check(auth: Auth, text: string): Promise<CheckResult> {
  const id = idIn(text);
  const registry = createAuth({ storage: memoryTokenStorage() });
  const calls: [string, () => unknown, Expectation][] = [
    ["validateWorkspaceId", () => validateWorkspaceId(text), (value) => value === id],
    [
      "selfSourceHeaders",
      () => auth.selfSourceHeaders(text),
      (value) => memberOf(value, "X-Workspace-ID") === id,
    ],
  ];
  // An omitted or blank id is allowed there, and selects the single workspace.
  if (!isNone(text)) {
    const isOurs: Expectation = (value) => memberOf(value, "Authorization") === `Bearer ${TOKEN}`;
    calls.push(["authHeaders", () => auth.authHeaders(text), isOurs]);
    calls.push(["platformOrigin", () => auth.platformOrigin(text), (value) => typeof value === "string"]);
  }
  if (!isBlank(text)) {
    const register = () => {
      registry.registerWorkspaceToken(text, TOKEN);
      return registry.getWorkspaceToken(text);
    };
    calls.push(["registerWorkspaceToken", register, (value) => value === TOKEN]);
  }
  for (const [name, call, isRight] of calls) {
    const done = await attempt(call);
    if ("error" in done) {
      if (id !== null) return { bad: `${name} rejected a valid id` };
      const result = checkRejection(done.error, ["WORKSPACE_ID_INVALID"], [text]);
      if (typeof result === "object") return { bad: `${name} ${result.bad}` };
    } else if (id === null) return { bad: `${name} accepted an invalid id` };
    else if (!isRight(done.value)) return { bad: `${name} returned another value` };
  }
  return id === null ? "rejected" : "accepted";
}

type Expectation = (value: unknown) => boolean;

const isNone = (text: unknown) => !text || (typeof text === "string" && isBlank(text));

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
