import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Emulator } from "@x/emulator";
import { describe, expect, it } from "vitest";
import { ATLAS } from "./ids.ts";
import { createFamily, messagesTo } from "./inbox/scene.ts";
import { heartbeat, outcome, outcomeOf, type Running } from "./processes.ts";
import { askAs, clientOf } from "./support/clients.ts";
import { temporaryDirectory } from "./support/directory.ts";
import { startPlatform } from "./support/platform.ts";

/** A platform with a parent and its child, and one runner's list of both. */
async function createPair() {
  const emulator = await startPlatform();
  const directory = temporaryDirectory();
  const { birch, tokens } = createFamily(emulator);
  const list = join(directory, "workspaces.json");
  await writeFile(list, JSON.stringify([...tokens].map(([id, token]) => ({ id, token }))));
  const run = (command: string, ...flags: string[]): Running =>
    heartbeat(
      ["run", "--workspaces-file", list, "--inbox-interval", "1", "--on-message", command, ...flags],
      { PLATFORM_URL: emulator.url, CONFIGS_DIR: directory },
    );
  return { emulator, directory, birch, tokens, run };
}

const polls = ({ requests }: Emulator) =>
  requests.filter(({ method, path }) => method === "GET" && path.endsWith("/activity")).length;
const notified = ({ requests }: Emulator) =>
  requests.flatMap(({ path, body }) => (path.endsWith("/notify") ? [Object(body).message] : []));

describe("run --on-message", () => {
  it("echo: two agents exchange one message and one answer, and nothing more", async () => {
    const { emulator, birch, tokens, run } = await createPair();
    await clientOf(emulator, ATLAS, tokens.get(ATLAS)).sendMessage({
      to: birch,
      text: "hi",
      messageId: "m-1",
    });
    run("echo");
    const messagesOf = (id: string) => messagesTo(clientOf(emulator, id, tokens.get(id)));
    await expect.poll(async () => (await messagesOf(ATLAS)).length, { timeout: 40_000 }).toBe(1);
    const before = polls(emulator);
    await expect.poll(() => polls(emulator), { timeout: 40_000 }).toBeGreaterThan(before + 6);
    expect(await messagesOf(birch)).toHaveLength(1);
    expect(await messagesOf(ATLAS)).toMatchObject([{ metadata: { in_reply_to: "m-1" } }]);
  });

  it("reports its task in heartbeats, passes on no token, and leaves a long task unfinished at SIGTERM", async () => {
    const { emulator, directory, tokens, run } = await createPair();
    await askAs(emulator, ATLAS, "take your time");
    const seen = join(directory, "environment");
    const first = run(`env > ${seen}; sleep 300`, "--interval", "5");
    const busy = () =>
      emulator.requests.filter(
        ({ path, body }) => path.endsWith("/heartbeat") && Object(body).active_tasks === 1,
      );
    await expect.poll(() => busy().length, { timeout: 40_000 }).toBeGreaterThan(0);
    expect(busy()[0]?.body).toMatchObject({
      current_task: expect.stringMatching(/^message .* from the user$/),
    });
    expect(await readFile(seen, "utf8")).not.toContain(tokens.get(ATLAS));
    expect(await first.stop()).toBe(0);
    expect(notified(emulator)).toEqual([]);
    run("cat");
    await expect
      .poll(() => notified(emulator), { timeout: 40_000 })
      .toEqual([expect.stringContaining('"text":"take your time"')]);
  });

  it("leaves the messages of a push workspace to the agent at its URL", async () => {
    const { emulator, tokens, run } = await createPair();
    await clientOf(emulator, ATLAS, tokens.get(ATLAS)).register({
      agentCard: {},
      deliveryMode: "push",
      url: "http://localhost:9",
    });
    const running = run("echo");
    await running.printed(/INBOX_UNUSED/);
    const before = polls(emulator);
    await askAs(emulator, ATLAS, "hello");
    await expect.poll(() => polls(emulator), { timeout: 40_000 }).toBeGreaterThan(before + 3);
    const asked = emulator.requests.filter(({ path }) => path === `/workspaces/${ATLAS}/activity`);
    expect([asked, notified(emulator)]).toEqual([[], []]);
  });

  it("fetches no messages without the flag", async () => {
    const { emulator, directory } = await createPair();
    const list = join(directory, "workspaces.json");
    heartbeat(["run", "--workspaces-file", list, "--interval", "5"], {
      PLATFORM_URL: emulator.url,
      CONFIGS_DIR: directory,
    });
    const heartbeats = () => emulator.requests.filter(({ path }) => path.endsWith("/heartbeat")).length;
    await expect.poll(heartbeats, { timeout: 40_000 }).toBeGreaterThan(3);
    expect(polls(emulator)).toBe(0);
  });

  it.each([
    [["--inbox-interval", "5"], "--inbox-interval: without --on-message"],
    [["--on-message", " "], "--on-message must be a command"],
    [
      ["--on-message", "cat", "--message-timeout", "0"],
      "--message-timeout must be a number of seconds from 1 to",
    ],
    [["--on-message", "cat", "--message-concurrency", "1.5"], "--message-concurrency must be a whole number"],
  ])("with %j reports the problem", async (flags, problem) => {
    const env = { PLATFORM_URL: "http://127.0.0.1:1", WORKSPACE_ID: ATLAS };
    expect(await outcomeOf(["run", ...flags], env)).toEqual(outcome(2, problem));
  });
});
