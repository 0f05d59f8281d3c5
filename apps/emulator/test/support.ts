import { type IncomingHttpHeaders, request } from "node:http";
import { afterEach } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../src/index.ts";
import { AGENT } from "./ids.ts";

/** The response, or null if the connection broke first. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: unknown;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Sent as JSON; strings and bytes are sent unchanged. */
  readonly body?: unknown;
}

/** One request on a new connection, with only the given headers. Rejects with the socket's error. */
export function ask(emulator: Pick<Emulator, "url">, path: string, sent: Sent = {}): Promise<Answer> {
  const { method = sent.body === undefined ? "GET" : "POST", headers = {}, body } = sent;
  const payload = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = request(`${emulator.url}${path}`, { method, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: parsed(text) });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(payload);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An answer's status and JSON. */
export const resultOf = ({ status, json }: Answer) => [status, json];

/** `Authorization` for a token. */
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** A clock that only moves when a test advances it. */
export function fakeClock(start = Date.UTC(2026, 0, 1)) {
  let now = start;
  const advance = (ms: number): void => {
    now += ms;
  };
  return { now: () => now, advance };
}

const running: Emulator[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((emulator) => emulator.close()));
});

/** An emulator that closes with the test. */
export async function start(options?: EmulatorOptions): Promise<Emulator> {
  const emulator = await startEmulator(options);
  running.push(emulator);
  return emulator;
}

export const registration = (id: string, more: Record<string, unknown> = {}) => ({
  id,
  url: "http://localhost:9000",
  agent_card: { name: id },
  ...more,
});

/** Registers a workspace for the first time. @returns its token */
export async function join(emulator: Emulator, id = AGENT, more?: Record<string, unknown>): Promise<string> {
  const { json } = await ask(emulator, "/registry/register", { body: registration(id, more) });
  const token = field(json, "auth_token");
  if (typeof token !== "string") throw new Error(`no token was issued to ${id}`);
  return token;
}

/** An emulator with one registered workspace, and its token. */
export async function joined(options?: EmulatorOptions) {
  const emulator = await start(options);
  return { emulator, token: await join(emulator) };
}

/** One heartbeat. */
export const heartbeat = (emulator: Emulator, token?: string, more: Record<string, unknown> = {}) =>
  ask(emulator, "/registry/heartbeat", {
    body: { workspace_id: AGENT, ...more },
    headers: token === undefined ? {} : bearer(token),
  });

/** The public status. */
export async function statusOf(emulator: Emulator, id = AGENT): Promise<unknown> {
  return field((await ask(emulator, `/workspaces/${id}`)).json, "status");
}

/** A field of a value that should be an object. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
