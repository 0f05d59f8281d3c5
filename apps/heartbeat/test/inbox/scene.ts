import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { type Emulator, startEmulator, workspaceId } from "@x/emulator";
import { createPlatformClient, type PlatformClient } from "@x/platform-client";
import { onTestFinished } from "vitest";
import { createFileStore } from "../../src/storage/file-store.ts";
import { connect } from "../../src/transport/connection.ts";
import type { WorkspaceEvent } from "../../src/workspace/events.ts";
import type { InboxMessage, MessageHandler } from "../../src/workspace/inbox/message.ts";
import { MessageTurns } from "../../src/workspace/inbox/turns.ts";
import { InboxJob } from "../../src/workspace/jobs/inbox.ts";
import { virtualClock } from "../virtual-clock.ts";

export const ATLAS = workspaceId("atlas");

/** A platform on real sockets, files on the real disk, and time that the test controls. */
export async function createInboxScene(onMessage: MessageHandler) {
  const clock = virtualClock();
  const emulator = await startEmulator({ clock: { now: clock.wall } });
  const configsDir = await mkdtemp(join(tmpdir(), "inbox-"));
  const connection = connect(emulator.url, clock);
  const store = createFileStore({ configsDir, env: {}, layout: "single", onEvent() {} });
  onTestFinished(async () => {
    await connection.close();
    await store.close();
    await emulator.close();
    await rm(configsDir, { recursive: true, force: true });
  });
  const events: WorkspaceEvent[] = [];
  const handled: InboxMessage[] = [];
  const turns = new MessageTurns(64);
  const { birch, tokens } = await createFamily(emulator);
  const clientOf = (id: string): PlatformClient => {
    const auth = createAuth({
      storage: memoryTokenStorage(tokens.get(id)),
      platformUrl: emulator.url,
      env: {},
    });
    return createPlatformClient({
      auth,
      platformUrl: emulator.url,
      workspaceId: id,
      transport: connection,
      clock,
    });
  };
  const never = new AbortController().signal;
  const file = (name: string) => join(configsDir, name);
  return {
    clock,
    emulator,
    events,
    handled,
    turns,
    /** Sends requests as another workspace, which may talk to this one. */
    birch: clientOf(birch),
    file,
    read: (name: string) => readFile(file(name), "utf8"),
    typesOf: () => events.map(({ type }) => type),
    /** Sends a message as a user. */
    ask: (text: string) => askAs(emulator, ATLAS, text),
    /** The answers to the user. */
    notified: () =>
      emulator.requests.flatMap(({ path, body }) => (path.endsWith("/notify") ? [Object(body).message] : [])),
    /** Messages from this workspace to the other one. */
    answers: async () => {
      const result = await clientOf(birch).activity({ type: "a2a_receive" });
      return result.ok
        ? result.value.map(({ requestBody }) => Object(requestBody).params.message).reverse()
        : [];
    },
    /** One runner's inbox, whose clock may be ahead; a second one is a restart. */
    start(
      options: {
        readonly timeoutMs?: number;
        readonly since?: () => Promise<number>;
        readonly aheadMs?: number;
      } = {},
    ) {
      const client = clientOf(ATLAS);
      const { timeoutMs = 300_000, aheadMs = 0, ...lived } = options;
      const job = new InboxJob(
        { client, emit: (event) => events.push(event) },
        {
          settings: {
            everyMs: 5_000,
            timeoutMs,
            turns,
            ...lived,
            onMessage(message, each) {
              handled.push(message);
              return onMessage(message, each);
            },
          },
          openLog: () => store.inbox({ platformOrigin: emulator.url, workspaceId: ATLAS }),
          clock: { ...clock, wall: () => clock.wall() + aheadMs },
          auth: { getToken: async () => tokens.get(ATLAS) ?? null },
        },
      );
      return {
        job,
        /** Fetches, and waits until nothing more can be done now. */
        async check() {
          await job.run(never);
          await job.settled();
        },
        run: () => job.run(never),
      };
    },
    token: () => tokens.get(ATLAS) ?? "",
    /** Registers the workspace again, as another client does. */
    register: (how: Mode) => registerAs(emulator, tokens.get(ATLAS) ?? "", how),
  };
}

/** Two workspaces that may talk to each other, a parent and its child, with their tokens. */
export async function createFamily(emulator: Pick<Emulator, "url">) {
  const parent = { id: ATLAS, url: "", agent_card: { name: "atlas" }, delivery_mode: "poll" };
  const { auth_token } = await post(emulator, "/registry/register", parent);
  const child = {
    name: "birch",
    external: true,
    runtime: "external",
    parent_id: ATLAS,
    delivery_mode: "poll",
  };
  const { id, connection } = await post(emulator, "/workspaces", child);
  return {
    birch: String(id),
    tokens: new Map([
      [ATLAS, String(auth_token)],
      [String(id), String(connection.auth_token)],
    ]),
  };
}

interface Mode {
  readonly delivery_mode: "push" | "poll";
  readonly url: string;
}

/** Registers the first workspace of the family again, in another mode. */
export async function registerAs(emulator: Pick<Emulator, "url">, token: string, mode: Mode): Promise<void> {
  await post(emulator, "/registry/register", { id: ATLAS, agent_card: { name: "atlas" }, ...mode }, token);
}

/** The messages to a workspace, oldest first. */
export async function feedOf({ url }: Pick<Emulator, "url">, id: string, token: string): Promise<unknown[]> {
  const headers = { authorization: `Bearer ${token}`, origin: url };
  const response = await fetch(`${url}/workspaces/${id}/activity?type=a2a_receive&limit=500`, { headers });
  const rows = (await response.json()) as { request_body?: { params: { message: unknown } } }[];
  return rows.flatMap(({ request_body }) => request_body?.params.message ?? []).reverse();
}

export async function askAs(emulator: Pick<Emulator, "url">, to: string, text: string): Promise<void> {
  const message = { role: "user", parts: [{ kind: "text", text }] };
  await post(emulator, `/workspaces/${to}/a2a`, {
    jsonrpc: "2.0",
    method: "message/send",
    params: { message },
  });
}

async function post(emulator: Pick<Emulator, "url">, path: string, body: object, token = "local-admin") {
  const headers = {
    "content-type": "application/json",
    authorization: `Bearer ${token}`,
    origin: emulator.url,
  };
  const response = await fetch(emulator.url + path, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  // The emulator's own tests ensure that its answers have this type.
  return (await response.json()) as { id: string; auth_token: string; connection: { auth_token: string } };
}
