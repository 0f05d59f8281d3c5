import { createBrowserAuth } from "@x/auth-browser";
import { createAuth, createAuthFetch, memoryTokenStorage, platformOrigin } from "@x/auth-core";
import { createPlatformClient } from "@x/platform-client";
import fc from "fast-check";
import { hostile } from "../inputs/text.ts";
import { furnishedUrls, platformUrls } from "../inputs/valid.ts";
import { isBlank, originIn } from "../rules.ts";
import { runnerConnections } from "../wire/runner-connections.ts";
import { type Wire, wrongWith, wrongWithAny } from "../wire/wire.ts";
import { attempt, type CheckResult, checkRejection, type FuzzTarget, openFuzzTarget } from "./fuzz-target.ts";

const TOKEN = "the-token-of-the-workspace";

/** `PLATFORM_URL`, and the other settings for the platform's URL. */
export const platformUrlTarget: FuzzTarget = {
  id: "platform-url",
  what: "PLATFORM_URL",
  share: 140_000,
  atOnce: 1,
  async open({ wire }) {
    const inputs = fc.oneof(
      { weight: 9, arbitrary: hostile(platformUrls(wire.origin)) },
      { weight: 1, arbitrary: furnishedUrls },
    );
    return openFuzzTarget<unknown>(inputs, {
      check: (url) => check(url as string),
      send: (url) => send(wire, String(url)),
    });
  },
};

async function check(url: string): Promise<CheckResult> {
  const origin = originIn(url);
  const core = createAuth({ storage: memoryTokenStorage(TOKEN), env: { PLATFORM_URL: url } });
  const browser = () => createBrowserAuth({ storage: memoryTokenStorage(TOKEN), platformUrl: url });
  const registry = createAuth({ storage: memoryTokenStorage() });
  const calls: [string, () => unknown][] = [["platformOrigin", () => platformOrigin(url)]];
  if (!isBlank(url)) {
    const register = () => {
      registry.registerWorkspaceToken("agent", TOKEN, { platformUrl: url });
      return registry.platformOrigin("agent");
    };
    calls.push(
      ["authHeaders", async () => (await core.authHeaders()).Origin],
      ["createBrowserAuth", () => browser().platformOrigin()],
      ["registerWorkspaceToken", register],
    );
  }
  for (const [name, call] of calls) {
    const done = await attempt(call);
    if ("error" in done) {
      if (origin !== null) return { bad: `${name} rejected a valid platform URL` };
      const result = checkRejection(done.error, ["PLATFORM_URL_INVALID"], [url, "PASSWORD-IN-A-URL"]);
      if (typeof result === "object") return { bad: `${name} ${result.bad}` };
    } else if (origin === null) return { bad: `${name} accepted an invalid platform URL` };
    else if (done.value !== origin) return { bad: `${name} returned another origin` };
  }
  return origin === null ? "rejected" : "accepted";
}

/** Sends a request only if the URL is the test server's, so that nothing leaves the machine; else checks headers. */
async function send(wire: Wire, url: string): Promise<string | null> {
  const origin = originIn(url) ?? "";
  const wanted = { origin, authorization: `Bearer ${TOKEN}` };
  const auth = createAuth({ storage: memoryTokenStorage(TOKEN), env: { PLATFORM_URL: url } });
  const headers = await auth.authHeaders();
  if (origin !== wire.origin) {
    return wrongWith(await wire.heads(() => fetch(`${wire.origin}/x`, { headers })), wanted);
  }
  const base = url.trim().endsWith("/") ? url.trim() : `${url.trim()}/`;
  const sent = [await wire.heads(() => createAuthFetch(auth)(`${base}health`))];
  for (const connection of await runnerConnections(url.trim())) {
    const client = createPlatformClient({
      auth,
      platformUrl: url,
      workspaceId: "agent",
      transport: connection,
    });
    sent.push(await wire.heads(() => client.health()));
    await connection.close();
  }
  return wrongWithAny(sent, wanted);
}
