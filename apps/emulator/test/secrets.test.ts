import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { TokenStore } from "../src/tokens.ts";
import { ask, bearer, fakeClock, heartbeat, join, start } from "./support.ts";

describe("secrets", () => {
  it("incident 30: appear in nothing that the emulator shows", async () => {
    const emulator = await start();
    const events: unknown[] = [];
    emulator.subscribe((event) => events.push(event));
    const token = await join(emulator);
    const pushed = emulator.pushToken("agent");
    const rotated = emulator.rotate("agent");
    await heartbeat(emulator, token);
    await heartbeat(emulator, rotated, {
      current_task: `says ${rotated}.`,
      runtime_metadata: { [token]: token },
    });
    await ask(emulator, "/registry/update-card", {
      body: { workspace_id: "agent", agent_card: [{ note: token }, `x ${pushed} x`] },
      headers: { ...bearer(rotated), cookie: rotated, "x-note": rotated },
    });
    await ask(emulator, `/workspaces/${token}?token=${token}`, { headers: bearer(rotated) });
    await ask(emulator, `/workspaces/agent/tokens/${token}`, { method: "DELETE", headers: bearer(rotated) });
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

  it("are kept as hashes", () => {
    const book = new TokenStore(fakeClock());
    const { token } = book.issue("agent");
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const hash = createHash("sha256").update(token).digest();
    expect(book.live("agent")).toMatchObject([{ prefix: token.slice(0, 8), hash }]);
    const options = { depth: Number.POSITIVE_INFINITY, showHidden: true };
    expect(inspect([book, book.live("agent")], options).includes(token)).toBe(false);
  });

  it("are recognised by their hash in what was recorded", async () => {
    const emulator = await start();
    const token = await join(emulator);
    await heartbeat(emulator, token);
    await ask(emulator, "/health", { headers: { authorization: token } });
    const sha256 = createHash("sha256").update(token).digest("hex");
    expect(emulator.requests).toMatchObject([
      { method: "POST", path: "/registry/register", workspaceId: "agent", status: 200 },
      { headers: { authorization: { scheme: "Bearer", sha256 } }, body: { workspace_id: "agent" } },
      { headers: { authorization: { scheme: "", sha256 } } },
    ]);
    expect(emulator.requests[0]?.headers.authorization).toBeUndefined();
  });
});
