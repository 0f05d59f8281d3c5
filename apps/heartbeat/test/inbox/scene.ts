import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Emulator, workspaceId } from "@x/emulator";
import type { PlatformClient } from "@x/platform-client";
import { onTestFinished } from "vitest";
import { createFileStore } from "../../src/storage/file-store.ts";
import { connect } from "../../src/transport/connection.ts";
import type { WorkspaceEvent } from "../../src/workspace/events.ts";
import type { InboxMessage, MessageHandler } from "../../src/workspace/inbox/message.ts";
import { MessageTurns } from "../../src/workspace/inbox/turns.ts";
import { InboxJob } from "../../src/workspace/jobs/inbox.ts";
import { ATLAS } from "../ids.ts";
import { askAs, clientOf } from "../support/clients.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { startPlatform } from "../support/platform.ts";
import { virtualClock } from "../virtual-clock.ts";

/** A platform on real sockets, files on the real disk, and time that the test controls. */
export async function createInboxScene(onMessage: MessageHandler) {
  const clock = virtualClock();
  const emulator = await startPlatform({ clock: { now: clock.wall } });
  const configsDir = temporaryDirectory();
  const connection = connect(emulator.url, clock);
  const store = createFileStore({ configsDir, env: {}, layout: "single", onEvent() {} });
  onTestFinished(async () => {
    await connection.close();
    await store.close();
  });
  const events: WorkspaceEvent[] = [];
  const handled: InboxMessage[] = [];
  const turns = new MessageTurns(64);
  const { birch, tokens } = createFamily(emulator);
  const client = (id: string) => clientOf(emulator, id, tokens.get(id), { transport: connection, clock });
  const never = new AbortController().signal;
  const file = (name: string) => join(configsDir, name);
  return {
    clock,
    emulator,
    events,
    handled,
    turns,
    /** Sends requests as another workspace, which may talk to this one. */
    birch: client(birch),
    file,
    read: (name: string) => readFile(file(name), "utf8"),
    typesOf: () => events.map(({ type }) => type),
    /** Sends a message as a user. */
    ask: (text: string) => askAs(emulator, ATLAS, text),
    /** Sends that many messages to the user, as the workspace does beside its answers. */
    async say(count: number) {
      for (let sent = 0; sent < count; sent += 1) {
        // Within the platform's rate limit.
        await clock.advance(101);
        const result = await client(ATLAS).notify({ message: `working: ${sent}` });
        if (!result.ok) throw new Error(result.failure.message);
      }
    },
    /** The answers to the user. */
    notified: () =>
      emulator.requests.flatMap(({ path, body }) => (path.endsWith("/notify") ? [Object(body).message] : [])),
    /** Messages from this workspace to the other one. */
    answers: () => messagesTo(client(birch)),
    /** One runner's inbox, whose clock may be ahead; a second one is a restart. */
    start(
      options: {
        readonly timeoutMs?: number;
        readonly since?: () => Promise<number>;
        readonly aheadMs?: number;
      } = {},
    ) {
      const { timeoutMs = 300_000, aheadMs = 0, ...lived } = options;
      const job = new InboxJob(
        { client: client(ATLAS), emit: (event) => events.push(event) },
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
    register: (how: Omit<Parameters<PlatformClient["register"]>[0], "agentCard">) =>
      client(ATLAS).register({ agentCard: { name: "atlas" }, ...how }),
  };
}

/** Two workspaces that may talk to each other, a parent and its child, with their tokens. */
export function createFamily(emulator: Emulator) {
  const birch = workspaceId("birch");
  const tokens = new Map([[ATLAS, emulator.create(ATLAS)]]);
  tokens.set(birch, emulator.create(birch, { parentId: ATLAS }));
  return { birch, tokens };
}

/** The messages to a workspace, oldest first. */
export async function messagesTo(client: PlatformClient): Promise<unknown[]> {
  const result = await client.activity({ type: "a2a_receive" });
  return result.ok ? result.value.map(({ requestBody }) => Object(requestBody).params.message).reverse() : [];
}
