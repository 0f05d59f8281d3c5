import { beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { redirecting } from "../test/support/redirecting.ts";
import { lettingIn, startServer } from "../test/support/server.ts";
import { envToken, fileToken } from "../test/support/tokens.ts";
import { createAuthFetch } from "./auth-fetch.ts";
import { createAuth } from "./create-auth.ts";
import { memoryTokenStorage } from "./storage.ts";
import { withAuth } from "./with-auth.ts";

/** Unread, as MSW's and those of tracing: while there is one, cancelling the response's body does not end. */
const clones: Response[] = [];

beforeEach(() => {
  const { fetch } = globalThis;
  vi.stubGlobal("fetch", async (...given: Parameters<typeof fetch>) => {
    const response = await fetch(...given);
    clones.push(response.clone());
    return response;
  });
  onTestFinished(() => void vi.unstubAllGlobals());
});

it("a 401 of which there is an unread clone is discarded and retried", async () => {
  const { origin: platformUrl } = await startServer(lettingIn(new Set([envToken])));
  const env = { MOLECULE_WORKSPACE_TOKEN: envToken };
  const setUp = () => createAuth({ storage: memoryTokenStorage(fileToken), env, platformUrl });
  expect((await createAuthFetch(setUp())("/x")).status).toBe(200);
  const send = (headers: object) => fetch(platformUrl, { headers: { ...headers } });
  expect((await withAuth(setUp(), { url: platformUrl, send })).status).toBe(200);
});

it("so is a redirect that is followed", async () => {
  const { send, old } = await redirecting(307);
  expect((await send(old)).status).toBe(200);
});
