import { get, type IncomingMessage } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { describeEvent } from "../src/describe-event.ts";
import { workspaceId } from "../src/index.ts";
import { AGENT, OLDEST } from "./ids.ts";
import { ask, bearer, heartbeat, join, joined, registration, start } from "./support.ts";

const KILOBYTE = 1024;
const cardOf = (bytes: number) => "x".repeat(bytes - 2);

describe("the limits of one workspace", () => {
  it("are an agent card of 64 KiB; a larger one changes nothing", async () => {
    const emulator = await start();
    const register = async (card: unknown, headers = {}) =>
      (
        await ask(emulator, "/registry/register", {
          body: registration(AGENT, { agent_card: card }),
          headers,
        })
      ).status;
    expect(await register(cardOf(64 * KILOBYTE + 1))).toBe(413);
    expect(emulator.workspaces()).toEqual([]);
    const token = await join(emulator, AGENT, { agent_card: cardOf(64 * KILOBYTE) });
    const update = { workspace_id: AGENT, agent_card: { deep: [cardOf(64 * KILOBYTE)] } };
    const answer = await ask(emulator, "/registry/update-card", { body: update, headers: bearer(token) });
    expect([answer.status, answer.json]).toEqual([413, { error: "agent_card is larger than 65536 bytes" }]);
    expect(await register("é".repeat(32 * KILOBYTE), bearer(token))).toBe(413);
    expect(emulator.workspaces()).toMatchObject([{ agentCard: cardOf(64 * KILOBYTE) }]);
  });

  it("are a heartbeat of 64 KiB and a URL of 2,048 characters", async () => {
    const { emulator, token } = await joined();
    expect((await heartbeat(emulator, token, { current_task: "x".repeat(60 * KILOBYTE) })).status).toBe(200);
    expect((await heartbeat(emulator, token, { current_task: "x".repeat(64 * KILOBYTE) })).status).toBe(413);
    const body = registration(AGENT, { url: `http://localhost/${"x".repeat(2_048)}` });
    expect((await ask(emulator, "/registry/register", { body, headers: bearer(token) })).status).toBe(413);
    expect(emulator.workspaces()).toMatchObject([
      { heartbeats: 1, registers: 1, url: "http://localhost:9000" },
    ]);
  });
});

describe("the limits of the platform", () => {
  it("are 10,000 workspaces: the oldest is evicted with its token, and logged", async () => {
    const emulator = await start();
    const lines: string[] = [];
    const oldest = await join(emulator, OLDEST);
    for (let n = 1; n < 10_000; n++) emulator.issue(workspaceId(`agent-${n}`));
    emulator.subscribe((event) => lines.push(describeEvent(event).slice(14)));
    expect(emulator.workspaces()).toHaveLength(10_000);
    await join(emulator, workspaceId("newest"));
    expect(lines[0]).toBe(`${OLDEST} was dropped: only the newest 10000 workspaces are kept`);
    expect(emulator.workspaces()).toHaveLength(10_000);
    expect((await ask(emulator, `/workspaces/${OLDEST}`)).status).toBe(404);
    const state = await ask(emulator, `/workspaces/${OLDEST}/state`, { headers: bearer(oldest) });
    expect(state.status).toBe(401);
    emulator.rotate(workspaceId("agent-1"));
    expect(emulator.workspaces()[0]?.id).toBe(workspaceId("agent-1"));
  });

  it("are 32 pages on the feed", async () => {
    const emulator = await start();
    const follow = () =>
      new Promise<IncomingMessage>((resolve, reject) => {
        get(`${emulator.url}/emulator/feed`, { agent: false }, resolve).on("error", reject);
      });
    const pages = await Promise.all(Array.from({ length: 33 }, follow));
    onTestFinished(() => pages.forEach((page) => void page.destroy()));
    const statuses = pages.map(({ statusCode }) => statusCode).sort();
    expect([statuses.filter((status) => status === 200).length, statuses.at(-1)]).toEqual([32, 503]);
  });
});
