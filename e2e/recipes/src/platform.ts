import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator, workspaceId } from "@x/emulator";
import express, { type RequestHandler } from "express";
import { onTestFinished, vi } from "vitest";
import { listen } from "../../../packages/auth-core/test/support/server.ts";
import { startForeign } from "./server.ts";

/** The page's workspace. */
export const id = workspaceId("agent-8");

/** Further handlers behind the platform's origin, by path; each is created with its own URL. */
export type Extras = Readonly<Record<string, (url: string) => RequestHandler>>;

export type Platform = Awaited<ReturnType<typeof startPlatform>>;

/** Starts the platform, stores a first token in its file and sets the recipe's environment. Ends with the test. */
export async function startPlatform(extras: Extras = {}) {
  const foreign = await startForeign();
  const app = express();
  const url = await listen(app);
  const emulator = await startEmulator({ allowedOrigins: [url] });
  onTestFinished(() => emulator.close());

  const statuses: number[] = [];
  app.use((_request, response, next) => {
    response.on("finish", () => statuses.push(response.statusCode));
    next();
  });
  app.get("/elsewhere", (_request, response) => response.redirect(`${foreign.url}/landing`));
  for (const [path, handler] of Object.entries(extras)) {
    app.use(path, authorized(emulator), handler(url + path));
  }
  app.use((request, response) => pass(emulator, request, response));

  const configsDir = mkdtempSync(join(tmpdir(), "recipe-"));
  onTestFinished(() => rmSync(configsDir, { recursive: true }));
  const tokens: string[] = [];
  const store = (token: string) => {
    tokens.push(token);
    writeFileSync(join(configsDir, ".auth_token"), token, { mode: 0o600 });
  };
  store(emulator.issue(id));
  vi.stubEnv("PLATFORM_URL", url);
  vi.stubEnv("CONFIGS_DIR", configsDir);
  vi.stubEnv("PORT", "0");
  onTestFinished(() => void vi.unstubAllEnvs());

  return {
    url,
    /** A foreign origin. */
    foreign,
    /** Redirects to the foreign origin. */
    redirect: `${url}/elsewhere`,
    /** As a provisioner does: revokes the old token, then rewrites the file. */
    rotate: () => store(emulator.rotate(id)),
    /** Every token so far. */
    tokens: () => [...tokens],
    /** Status of each request so far to the platform, of those that are signed or have to be. */
    statuses: () => [...statuses],
  };
}

/** Authorizes exactly the requests that the emulator authorizes. */
const authorized =
  (emulator: Emulator): RequestHandler =>
  async (request, response, next) => {
    const { authorization = "" } = request.headers;
    const state = await fetch(`${emulator.url}/workspaces/${id}/state`, { headers: { authorization } });
    if (state.status === 200) next();
    else response.status(state.status).send(await state.text());
  };

/** Forwards a request to the emulator. */
async function pass(emulator: Emulator, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { authorization = "" } = request.headers;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const answer = await fetch(emulator.url + request.url, {
    method: request.method ?? "GET",
    headers: authorization === "" ? {} : { authorization },
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  });
  response.writeHead(answer.status).end(await answer.text());
}
