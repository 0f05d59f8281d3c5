import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import fc from "fast-check";
import { expect, it } from "vitest";
import { heartbeat, outcomeOf } from "./processes.ts";
import { temporaryDirectory } from "./support/directory.ts";
import { serveHttp } from "./support/servers.ts";

type Answer = (response: ServerResponse) => void;

const json = (status: number, body: object, headers: Record<string, string> = {}): Answer => {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
};

/** Where an answer may contain a token: of the workspace that sends the request, or of any other. */
const LOCATIONS: Readonly<Record<string, (token: string) => Answer>> = {
  "an error": (token) => json(422, { error: `bad ${token}` }),
  "an error's message and code": (token) =>
    json(500, { error: { message: token, code: token }, code: token }),
  "a property name": (token) => json(400, { error: "bad", [token]: token }),
  "a status": (token) => json(200, { status: token, id: token, delivery_mode: token }),
  "a redirect": (token) =>
    json(302, {}, { location: `https://${token.replace(/[^a-z0-9]/gi, "")}.example/${token}` }),
  headers: (token) =>
    json(429, {}, { "retry-after": token, "x-request-id": token, "www-authenticate": token }),
  "a reason phrase": (token) => (response) => {
    response.writeHead(503, token);
    response.end(token);
  },
  "a page": (token) => (response) =>
    response.writeHead(404, { "content-type": "text/html" }).end(`<p>${token}</p>`),
  "JSON cut short": (token) => (response) => response.end(`{"error":"${token}`),
};

const SPELLINGS: Readonly<Record<string, (token: string) => string>> = {
  plain: (token) => token,
  capitals: (token) => token.toUpperCase(),
  percent: (token) => token.replace(/./g, (character) => `%${character.charCodeAt(0).toString(16)}`),
  parts: (token) => `${token.slice(0, 21)}" "${token.slice(21)}`,
  bearer: (token) => `Bearer ${token}`,
  base64: (token) => Buffer.from(token).toString("base64"),
  "base64 of base64": (token) => Buffer.from(Buffer.from(token).toString("base64")).toString("base64"),
  "percent, five times": (token) =>
    token.replace(/./g, (character) => `%25252525${character.charCodeAt(0).toString(16)}`),
  backwards: (token) => [...token].reverse().join(""),
};

const letters = (text: string) => text.replace(/[^a-z0-9]/gi, "").toLowerCase();

const WORKSPACES = 12;
/** How many answers to prepare: more than one run requests. */
const ANSWERS = 1_000;

it("a token of any workspace, anywhere in an answer, is never printed by run, doctor, send or status", async () => {
  const tokens = Array.from({ length: WORKSPACES }, () => randomBytes(32).toString("base64url"));
  const answers = fc.sample(
    fc.record({
      location: fc.constantFrom(...Object.keys(LOCATIONS)),
      spelling: fc.constantFrom(...Object.keys(SPELLINGS)),
      token: fc.constantFrom(...tokens),
    }),
    ANSWERS,
  );
  const written = new Set<string>();
  let asked = 0;
  const platformUrl = await serveHttp((_request, response) => {
    const { location, spelling, token } = answers[asked++ % ANSWERS] ?? expect.unreachable();
    const text = SPELLINGS[spelling]?.(token) ?? token;
    written.add(text);
    LOCATIONS[location]?.(text)(response);
  });
  const home = temporaryDirectory();
  const env = {
    HOME: home,
    CONFIGS_DIR: home,
    PLATFORM_URL: platformUrl,
    MOLECULE_WORKSPACES: JSON.stringify(tokens.map((token, index) => ({ id: `w-${index}`, token }))),
  };

  const run = heartbeat(["run", "--interval", "5", "--log-level", "trace", "--status-port", "0"], env);
  const [, status = ""] = await run.printed(/status at (http:\/\/127\.0\.0\.1:\d+)\/health/);
  const before = asked;
  await expect.poll(() => asked, { timeout: 120_000 }).toBeGreaterThan(before + 3 * WORKSPACES);
  let printed = "";
  for (const path of ["health", "metrics"]) printed += await (await fetch(`${status}/${path}`)).text();
  await run.stop();
  const doctor = await outcomeOf(["doctor"], env);
  const send = await outcomeOf(["send", "w-9", "hello", "--workspace-id", "w-0"], env);
  printed += run.output() + doctor.output + send.output;
  for (const token of tokens) expect(letters(printed)).not.toContain(letters(token).slice(0, 16));
  for (const text of written) expect(printed).not.toContain(text);
}, 180_000);
