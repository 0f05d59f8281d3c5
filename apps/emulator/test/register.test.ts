import { describe, expect, it } from "vitest";
import type { Emulator } from "../src/index.ts";
import { AGENT } from "./ids.ts";
import { ask, bearer, field, heartbeat, join, registration, resultOf, start } from "./support.ts";

const PUSH = { url: "http://localhost:9000", delivery_mode: "push" };
const POLL = { url: "", delivery_mode: "poll" };

/** Registers an existing workspace. @returns the answer's status and body */
async function register(emulator: Emulator, token: string, more: Record<string, unknown>) {
  const body = { id: AGENT, agent_card: { name: AGENT }, ...more };
  return resultOf(await ask(emulator, "/registry/register", { body, headers: bearer(token) }));
}

const shown = async (emulator: Emulator, query = "") =>
  (await ask(emulator, `/workspaces/${AGENT}${query}`)).json;
const modeOf = (emulator: Emulator) => emulator.workspaces()[0]?.deliveryMode;

describe("the delivery mode", () => {
  it.each([
    [PUSH, { url: "http://localhost:9001" }, "push", "http://localhost:9001"],
    [PUSH, POLL, "poll", ""],
    [PUSH, { ...POLL, url: "http://localhost:9001" }, "poll", "http://localhost:9001"],
    [POLL, {}, "poll", ""],
    [POLL, { url: "http://localhost:9001" }, "poll", "http://localhost:9001"],
    [POLL, PUSH, "push", "http://localhost:9000"],
  ])("after %j and then %j is %s, with the url %j", async (first, second, mode, url) => {
    const emulator = await start();
    const token = await join(emulator, AGENT, first);
    const [status, answer] = await register(emulator, token, second);
    expect([status, field(answer, "delivery_mode")]).toEqual([200, mode]);
    expect(modeOf(emulator)).toBe(mode);
    expect(field(await shown(emulator), "url")).toBe(url);
  });

  it("push requires a url; without one nothing changes", async () => {
    const emulator = await start();
    const token = await join(emulator, AGENT, PUSH);
    const before = emulator.workspaces();
    for (const more of [
      {},
      { url: "" },
      { url: "", delivery_mode: "" },
      { url: "", delivery_mode: "push" },
    ]) {
      expect(await register(emulator, token, more)).toEqual([
        400,
        { error: "url is required for push-mode workspaces" },
      ]);
    }
    expect(emulator.workspaces()).toEqual(before);
  });

  it.each([
    [{ url: "not a url" }, 'url scheme must be http or https, got ""'],
    [{ url: "http://" }, "url is not a valid URL"],
  ])("rejects %j with a reason", async (more, error) => {
    const emulator = await start();
    const answer = await ask(emulator, "/registry/register", { body: registration(AGENT, more) });
    expect([answer.status, answer.json]).toEqual([400, { error }]);
    expect(emulator.workspaces()).toEqual([]);
  });

  it("does not exist in v1, which requires a url", async () => {
    const emulator = await start({ contract: "v1" });
    const empty = await ask(emulator, "/registry/register", { body: registration(AGENT, POLL) });
    expect([empty.status, empty.json]).toEqual([400, { error: "invalid request body" }]);
    await join(emulator, AGENT, { delivery_mode: "poll" });
    expect(modeOf(emulator)).toBe("push");
  });
});

describe("fetching the status before registering", () => {
  it("shows the tools that a heartbeat named last, and all of it to the operator", async () => {
    const emulator = await start();
    const token = await join(emulator, AGENT, POLL);
    for (const more of [
      { loaded_mcp_tools: ["a", null] },
      { loaded_mcp_tools: null, current_task: "reading" },
    ])
      await heartbeat(emulator, token, more);
    expect(await shown(emulator)).toMatchObject({ loaded_mcp_tools: ["a", ""] });
    expect(field(await shown(emulator), "current_task")).toBeUndefined();
    const list = await ask(emulator, "/workspaces", { headers: bearer("local-admin") });
    expect(list.json).toMatchObject([{ id: AGENT, current_task: "reading", monthly_spend: 0 }]);
  });
});
