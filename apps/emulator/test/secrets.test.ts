import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { TokenStore } from "../src/tokens.ts";
import { AGENT } from "./ids.ts";
import { ask, bearer, fakeClock, heartbeat, join, joined, start } from "./support.ts";

/** An emulator whose events are recorded, a workspace's token, and one that it has yet to receive. */
async function startObserved() {
  const emulator = await start();
  const events: unknown[] = [];
  emulator.subscribe((event) => events.push(event));
  return { emulator, events, token: await join(emulator), pushed: emulator.pushToken(AGENT) };
}

describe("secrets", () => {
  it("incident 30: never appear in the emulator's output", async () => {
    const { emulator, events, token, pushed } = await startObserved();
    const rotated = emulator.rotate(AGENT);
    await heartbeat(emulator, token);
    await heartbeat(emulator, rotated, {
      current_task: `says ${rotated}.`,
      runtime_metadata: { [token]: token },
    });
    await ask(emulator, "/registry/update-card", {
      body: { workspace_id: AGENT, agent_card: [{ note: token }, `x ${pushed} x`] },
      headers: { ...bearer(rotated), cookie: rotated, "x-note": rotated },
    });
    await ask(emulator, `/workspaces/${token}?token=${token}`, { headers: bearer(rotated) });
    await ask(emulator, `/workspaces/${AGENT}/tokens/${token}`, {
      method: "DELETE",
      headers: bearer(rotated),
    });
    const state = (await ask(emulator, "/emulator/state")).text;
    const shown = [
      state,
      JSON.stringify([emulator, emulator.requests, emulator.workspaces(), events]),
      inspect([emulator, emulator.requests, emulator.workspaces(), events], {
        depth: Number.POSITIVE_INFINITY,
        showHidden: true,
        getters: true,
        maxArrayLength: null,
        maxStringLength: null,
      }),
    ].join("\n");
    expect(shown).toContain("[redacted]");
    for (const secret of [token, pushed, rotated]) expect(shown.includes(secret)).toBe(false);
  });

  it("never appear in any other spelling either", async () => {
    const { emulator, events, token, pushed } = await startObserved();
    const spellings = [
      pushed.toUpperCase(),
      pushed.replace(/./g, (character) => `%${character.charCodeAt(0).toString(16)}`),
      pushed.replace(/./g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`),
      [...pushed].join("\u200b"),
      `${pushed.slice(0, 20)}\u001b[0m${pushed.slice(20)}`,
      Buffer.from(pushed).toString("base64"),
      Buffer.from(pushed).toString("hex"),
    ];
    for (const text of spellings) {
      const fields = {
        current_task: text,
        sample_error: `bad ${text}`,
        runtime_metadata: { [text]: [text] },
      };
      await heartbeat(emulator, token, fields);
      await ask(emulator, "/registry/update-card", {
        body: { workspace_id: AGENT, agent_card: { name: text, skills: [{ id: text }] } },
        headers: { ...bearer(token), "x-note": encodeURIComponent(text) },
      });
      await ask(emulator, `/workspaces/${encodeURIComponent(text)}?q=${encodeURIComponent(text)}`);
    }
    const { text: state } = await ask(emulator, "/emulator/state");
    const shown = [state, JSON.stringify([emulator.requests, emulator.workspaces(), events])].join("\n");
    for (const text of spellings) {
      expect(shown).not.toContain(text);
      expect(shown).not.toContain(encodeURIComponent(text));
    }
    const letters = (text: string) => text.replace(/[^a-z0-9]/gi, "").toLowerCase();
    expect(letters(shown)).not.toContain(letters(pushed).slice(0, 16));
  });

  it("are stored as hashes", () => {
    const book = new TokenStore(fakeClock(), () => {});
    const { token } = book.issue(AGENT, "instance");
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const hash = createHash("sha256").update(token).digest();
    expect(book.live(AGENT)).toMatchObject([{ prefix: token.slice(0, 8), hash }]);
    const options = { depth: Number.POSITIVE_INFINITY, showHidden: true };
    expect(inspect([book, book.live(AGENT)], options).includes(token)).toBe(false);
  });

  it("are recognised by their hash in recorded requests", async () => {
    const { emulator, token } = await joined();
    await heartbeat(emulator, token);
    await ask(emulator, "/health", { headers: { authorization: token } });
    const sha256 = createHash("sha256").update(token).digest("hex");
    expect(emulator.requests).toMatchObject([
      { method: "POST", path: "/registry/register", workspaceId: AGENT, status: 200 },
      { headers: { authorization: { scheme: "Bearer", sha256 } }, body: { workspace_id: AGENT } },
      { headers: { authorization: { scheme: "", sha256 } } },
    ]);
    expect(emulator.requests[0]?.headers.authorization).toBeUndefined();
  });
});
