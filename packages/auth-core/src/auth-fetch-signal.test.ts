import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { type Received, startServer } from "../test/support/server.ts";
import { testStorage } from "../test/support/storage.ts";
import { envToken, fileToken } from "../test/support/tokens.ts";
import { createAuthFetch } from "./auth-fetch.ts";
import { createAuth } from "./create-auth.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Each waits for its last answer, which does not come. */
const kinds = {
  "to the platform": { status: () => null, platform: true },
  "to another origin": { status: () => null, platform: false },
  "that follows a redirect": {
    status: ({ path }: Received) => (path === "/old" ? 302 : null),
    platform: true,
  },
  "that retries after a 401": {
    status: ({ headers }: Received) => (headers.authorization === `Bearer ${envToken}` ? 401 : null),
    platform: true,
  },
};

describe.each(Object.entries(kinds))("a request %s", (_name, { status, platform }) => {
  it.each(["init", "a Request", "a Request with a body", "both"])(
    "is aborted by the signal of %s, which the caller did not keep",
    { timeout: 10_000 },
    async (via) => {
      const abort = new AbortController();
      const server = await startServer(async (request, response) => {
        const code = status(request);
        if (code !== null) return response.writeHead(code, { Location: "/new" });
        // In Node 20, a Request without references is collected, and with it what passes an abort on.
        for (let round = 0; round < 3; round += 1) {
          await sleep(10);
          collectGarbage();
        }
        abort.abort();
        return new Promise(() => {});
      });
      const env = {
        PLATFORM_URL: platform ? server.origin : "https://p.example",
        MOLECULE_WORKSPACE_TOKEN: envToken,
      };
      const send = createAuthFetch(createAuth({ storage: testStorage(fileToken), env }));
      const { signal } = abort;
      const url = `${server.origin}/old`;
      const body = { method: "POST", body: "x" };
      const sent = {
        init: () => send(url, { signal }),
        "a Request": () => send(new Request(url, { signal })),
        "a Request with a body": () => send(new Request(url, { signal, ...body })),
        both: () => send(new Request(url, { signal: new AbortController().signal }), { signal }),
      }[via];
      await expect(sent?.()).rejects.toMatchObject({ name: "AbortError" });
    },
  );
});

it("with the signal `null` is not aborted by its Request's", async () => {
  const abort = new AbortController();
  const server = await startServer(async (_, response) => {
    abort.abort();
    await sleep(10);
    response.end("done");
  });
  const env = { PLATFORM_URL: server.origin, MOLECULE_WORKSPACE_TOKEN: envToken };
  const send = createAuthFetch(createAuth({ storage: testStorage(), env }));
  const response = await send(new Request(server.origin, { signal: abort.signal }), { signal: null });
  expect(await response.text()).toBe("done");
});
