import { describe, expect, it } from "vitest";
import type { Outcome } from "../page/join/runner.ts";
import { accepted, down, INTERVAL_MS, paused, rejected, removed, settled, tab } from "./fake-tab.ts";

describe("a joined tab", () => {
  it("registers, sends a heartbeat at once, and only heartbeats from then on", async () => {
    const { start, pass, asked, shown } = tab();
    await start();
    expect(asked()).toEqual(["register", "heartbeat"]);
    expect(shown.map(({ phase }) => phase)).toEqual(["alive"]);
    await pass(INTERVAL_MS - 1);
    expect(asked()).toEqual([]);
    await pass(1);
    expect(asked()).toEqual(["heartbeat"]);
    expect(shown.at(-1)).toEqual({ phase: "alive", why: "", lastHeartbeatAt: INTERVAL_MS });
  });

  it("registers again after a silence longer than the platform's liveness timeout", async () => {
    const { start, pass, asked } = tab();
    await start();
    asked();
    await pass(49_999);
    expect(asked()).toEqual(["heartbeat"]);
    await pass(50_000);
    expect(asked()).toEqual(["register", "heartbeat"]);
  });

  it("registers at once when a heartbeat is rejected, and sends another if it received a token", async () => {
    const { start, pass, asked, shown } = tab({ heartbeat: [accepted, rejected] });
    await start();
    asked();
    await pass(INTERVAL_MS);
    expect(asked()).toEqual(["heartbeat", "register", "heartbeat"]);
    expect(shown.at(-1)?.phase).toBe("alive");
  });

  it("retries once per interval while it is unauthorized, and shows that, with its last successful heartbeat", async () => {
    const { start, pass, asked, shown } = tab({
      heartbeat: [accepted, rejected],
      register: [accepted, rejected, rejected, rejected],
    });
    await start();
    for (let turn = 0; turn < 3; turn++) await pass(INTERVAL_MS);
    expect(asked().slice(2)).toEqual(["heartbeat", "register", "register", "register"]);
    expect(shown.at(-1)).toEqual({ phase: "unauthorized", why: "", lastHeartbeatAt: 0 });
    await pass(INTERVAL_MS);
    expect(shown.at(-1)?.phase).toBe("alive");
  });

  it("stops for good when the platform reports that the workspace was removed", async () => {
    const { start, pass, shown, isWaiting, asked } = tab({
      heartbeat: [accepted, rejected],
      register: [accepted, removed],
    });
    await start();
    await pass(INTERVAL_MS);
    expect(asked()).toEqual(["register", "heartbeat", "heartbeat", "register"]);
    expect(shown.at(-1)).toEqual({ phase: "removed", why: "", lastHeartbeatAt: 0 });
    expect(isWaiting()).toBe(false);
  });

  it("retries after a failure, no sooner than Retry-After allows", async () => {
    const { start, pass, asked, shown } = tab({
      heartbeat: [accepted, { ...down, retryAfterMs: 9_000 }, down],
    });
    await start();
    await pass(INTERVAL_MS);
    expect(shown.at(-1)).toMatchObject({ phase: "failing", why: "answered 503", lastHeartbeatAt: 0 });
    asked();
    await pass(8_999);
    expect(asked()).toEqual([]);
    await pass(1);
    await pass(INTERVAL_MS);
    expect(asked()).toEqual(["heartbeat", "heartbeat"]);
    expect(shown.at(-1)?.phase).toBe("alive");
  });

  it("waits while the circuit is open, and shows the previous failure", async () => {
    const { start, pass, shown } = tab({
      heartbeat: [accepted, down, { ...paused, retryAfterMs: 20_000 }],
    });
    await start();
    await pass(INTERVAL_MS);
    await pass(INTERVAL_MS);
    expect(shown.at(-1)).toMatchObject({ phase: "failing", why: "answered 503" });
    await pass(19_999);
    expect(shown.at(-1)?.phase).toBe("failing");
    await pass(1);
    expect(shown.at(-1)?.phase).toBe("alive");
  });

  it("sends a heartbeat at once with an entered token, and continues as before if it is rejected", async () => {
    const good = tab({ register: [rejected] });
    await good.start();
    expect(await good.runner.useToken("token")).toEqual(accepted);
    expect(good.asked()).toEqual(["register", "heartbeat"]);
    expect(good.shown.at(-1)?.phase).toBe("alive");

    const bad = tab({ use: rejected });
    await bad.start();
    expect(await bad.runner.useToken("token")).toEqual(rejected);
    expect(bad.shown.at(-1)?.phase).toBe("alive");
    await bad.pass(INTERVAL_MS);
    expect(bad.asked()).toEqual(["register", "heartbeat", "heartbeat"]);
  });

  it("sends nothing more once it is stopped, not even between two requests", async () => {
    const { runner, asked, isWaiting } = tab();
    runner.start();
    runner.stop();
    await settled();
    expect(asked()).toEqual([]);
    expect(isWaiting()).toBe(false);

    const other = tab();
    await other.start();
    await other.runner.stop();
    await other.pass(INTERVAL_MS);
    expect(other.asked()).toEqual(["register", "heartbeat"]);
  });

  it("has stopped once its requests in flight have ended, and its successor starts only then", async () => {
    let end = (_: Outcome) => {};
    const inFlight = new Promise<Outcome>((resolve) => {
      end = resolve;
    });
    const { runner, start, asked, shown } = tab({ register: [inFlight] });
    await start();
    const happened: string[] = [];
    const stopped = runner.stop().then(() => void happened.push("stopped"));
    const next = tab();
    next.runner.start(stopped);
    await settled();
    expect([happened, next.asked()]).toEqual([[], []]);

    end(accepted);
    await settled();
    expect([happened, next.asked()]).toEqual([["stopped"], ["register", "heartbeat"]]);
    expect([asked(), shown]).toEqual([["register"], []]);
  });
});
