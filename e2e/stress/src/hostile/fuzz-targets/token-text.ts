import { createAuth, createAuthFetch, memoryTokenStorage } from "@x/auth-core";
import { hostile } from "../inputs/text.ts";
import { tokens } from "../inputs/valid.ts";
import { isBlank, tokenIn } from "../rules.ts";
import { closeAll, runnerConnections, sendOnce } from "../wire/runner-connections.ts";
import { wrongWithAny } from "../wire/wire.ts";
import { attempt, type CheckResult, checkRejection, type FuzzTarget, openFuzzTarget } from "./fuzz-target.ts";

/** Text to be saved or registered, or found in a storage or an environment variable. */
export const tokenText: FuzzTarget = {
  id: "token-text",
  what: "token text",
  share: 330_000,
  atOnce: 1,
  async open({ wire }) {
    const connections = await runnerConnections(wire.origin);
    const target = openFuzzTarget(hostile(tokens), {
      async check(text) {
        const saved = await save(text as string);
        if (typeof saved === "object") return saved;
        const registered = await register(text as string);
        if (typeof registered === "object") return registered;
        const found = await find(text);
        if (found !== null) return { bad: found };
        return saved;
      },
      async send(text) {
        const token = tokenIn(text) ?? "";
        const auth = createAuth({ storage: memoryTokenStorage(token), env: { PLATFORM_URL: wire.origin } });
        const headers = await auth.authHeaders();
        const sent = [await wire.heads(() => createAuthFetch(auth)(`${wire.origin}/x`))];
        for (const connection of connections) {
          const get = () => sendOnce(connection, { method: "GET", url: `${wire.origin}/x`, headers });
          sent.push(await wire.heads(get));
        }
        const wanted = { authorization: `Bearer ${token}`, origin: wire.origin };
        return wrongWithAny(sent, wanted);
      },
    });
    return { ...target, close: () => closeAll(connections) };
  },
};

async function save(text: string): Promise<CheckResult> {
  const token = tokenIn(text);
  const storage = memoryTokenStorage();
  const auth = createAuth({ storage });
  const done = await attempt(() => auth.saveToken(text));
  if ("error" in done) {
    if (token !== null) return { bad: "saveToken rejected a valid token" };
    return checkRejection(done.error, ["TOKEN_INVALID"], [text]);
  }
  if (token === null) return { bad: "saveToken accepted an invalid token" };
  if ((await storage.read()) !== token) return { bad: "another token was stored" };
  const { Authorization } = await createAuth({ storage }).authHeaders();
  return Authorization === `Bearer ${token}` ? "accepted" : { bad: "returned another token" };
}

async function register(text: string): Promise<CheckResult> {
  const token = tokenIn(text);
  const auth = createAuth({ storage: memoryTokenStorage() });
  const done = await attempt(() => auth.registerWorkspaceToken("agent", text));
  if ("error" in done) {
    if (token !== null) return { bad: "registerWorkspaceToken rejected a valid token" };
    return checkRejection(done.error, ["TOKEN_INVALID"], [text]);
  }
  if (isBlank(text)) {
    return auth.getWorkspaceToken("agent") === null ? "rejected" : { bad: "a blank token was registered" };
  }
  return auth.getWorkspaceToken("agent") === token && token !== null
    ? "accepted"
    : { bad: "another token was registered" };
}

/** A stored or environment value is used if and only if it is a token. */
async function find(text: unknown): Promise<string | null> {
  const token = tokenIn(text);
  for (const where of ["storage", "env"] as const) {
    let failed = 0;
    const auth = createAuth({
      storage: memoryTokenStorage(where === "storage" ? (text as string) : undefined),
      env: where === "env" ? { MOLECULE_WORKSPACE_TOKEN: text as string } : {},
      onEvent: ({ type }) => {
        if (type === "source-failed") failed += 1;
      },
    });
    const { Authorization = null } = await auth.authHeaders();
    if (Authorization !== (token === null ? null : `Bearer ${token}`))
      return `${where}: another token is used`;
    // Anything else that is not text, such as a `Buffer`, may hold a token.
    const isNothing = text === null || text === undefined || (typeof text === "string" && isBlank(text));
    if (failed !== (token === null && !isNothing ? 1 : 0))
      return `${where}: its failure was not reported once`;
  }
  return null;
}
