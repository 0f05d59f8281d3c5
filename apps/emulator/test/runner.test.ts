import { describe, expect, it } from "vitest";
import { type Membership, type Outcome, Runner, type Standing, type Timer } from "../page/join/runner.ts";

const accepted: Outcome = { kind: "accepted" };
const refused: Outcome = { kind: "refused" };
const down: Outcome = { kind: "failed", why: "answered 503", waitMs: 0 };
const INTERVAL_MS = 5_000;

/** Everything settles before the next thing that a test does. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A tab whose platform answers as a test says, and whose time passes when a test says. */
function tab(answers: { register?: Outcome[]; beat?: Outcome[]; use?: Outcome; isRemoved?: boolean } = {}) {
  const asked: string[] = [];
  const shown: Standing[] = [];
  let now = 0;
  let due: { at: number; run: () => void } | null = null;
  const answer = (name: string, outcomes: Outcome[] = []) => {
    asked.push(name);
    return outcomes.shift() ?? accepted;
  };
  const membership: Membership = {
    register: async () => answer("register", answers.register),
    beat: async () => answer("beat", answers.beat),
    use: async () => answers.use ?? accepted,
    async isRemoved() {
      asked.push("look");
      return answers.isRemoved ?? false;
    },
  };
  const timer: Timer = {
    now: () => now,
    after(ms, run) {
      const own = { at: now + ms, run };
      due = own;
      return () => {
        if (due === own) due = null;
      };
    },
  };
  const runner = new Runner({
    membership,
    intervalMs: INTERVAL_MS,
    timer,
    changed: (standing) => shown.push(standing),
  });
  return {
    runner,
    shown,
    /** What it asked for since the last time this was asked. */
    asked: () => asked.splice(0),
    isWaiting: () => due !== null,
    async start() {
      runner.start();
      await settled();
    },
    async pass(ms: number) {
      now += ms;
      if (due === null || due.at > now) return;
      const { run } = due;
      due = null;
      run();
      await settled();
    },
  };
}

describe("a tab that joined", () => {
  it("registers, beats at once, and from then on beats only", async () => {
    const { start, pass, asked, shown } = tab();
    await start();
    expect(asked()).toEqual(["register", "beat"]);
    expect(shown.map(({ phase }) => phase)).toEqual(["beating"]);
    await pass(INTERVAL_MS - 1);
    expect(asked()).toEqual([]);
    await pass(1);
    expect(asked()).toEqual(["beat"]);
    expect(shown.at(-1)).toEqual({ phase: "beating", why: "", lastBeatAt: INTERVAL_MS });
  });

  it("registers again after a silence in which the platform may have given it up", async () => {
    const { start, pass, asked } = tab();
    await start();
    asked();
    await pass(49_999);
    expect(asked()).toEqual(["beat"]);
    await pass(50_000);
    expect(asked()).toEqual(["register", "beat"]);
  });

  it("registers at once when a beat is refused, and beats again when that brought a token", async () => {
    const { start, pass, asked, shown } = tab({ beat: [accepted, refused] });
    await start();
    asked();
    await pass(INTERVAL_MS);
    expect(asked()).toEqual(["beat", "look", "register", "beat"]);
    expect(shown.at(-1)?.phase).toBe("beating");
  });

  it("asks once a turn while it is refused, and says so, with the last beat that went well", async () => {
    const { start, pass, asked, shown } = tab({
      beat: [accepted, refused],
      register: [accepted, refused, refused, refused],
    });
    await start();
    for (let turn = 0; turn < 3; turn++) await pass(INTERVAL_MS);
    expect(asked().slice(2)).toEqual(["beat", "look", "register", "register", "look", "register", "look"]);
    expect(shown.at(-1)).toEqual({ phase: "refused", why: "", lastBeatAt: 0 });
    await pass(INTERVAL_MS);
    expect(shown.at(-1)?.phase).toBe("beating");
  });

  it("stops for good when the workspace was removed, whatever registers are answered", async () => {
    const { start, shown, isWaiting, asked } = tab({ beat: [refused], isRemoved: true });
    await start();
    expect(asked()).toEqual(["register", "beat", "look"]);
    expect(shown.at(-1)?.phase).toBe("removed");
    expect(isWaiting()).toBe(false);
  });

  it("tries again after a failure, no sooner than the platform asked", async () => {
    const { start, pass, asked, shown } = tab({ beat: [accepted, { ...down, waitMs: 9_000 }, down] });
    await start();
    await pass(INTERVAL_MS);
    expect(shown.at(-1)).toMatchObject({ phase: "failing", why: "answered 503", lastBeatAt: 0 });
    asked();
    await pass(8_999);
    expect(asked()).toEqual([]);
    await pass(1);
    await pass(INTERVAL_MS);
    expect(asked()).toEqual(["beat", "beat"]);
    expect(shown.at(-1)?.phase).toBe("beating");
  });

  it("beats at once with a token that it is given, and goes on as before when that is refused", async () => {
    const good = tab({ register: [refused] });
    await good.start();
    expect(await good.runner.give("token")).toEqual(accepted);
    expect(good.asked()).toEqual(["register", "look", "beat"]);
    expect(good.shown.at(-1)?.phase).toBe("beating");

    const bad = tab({ use: refused });
    await bad.start();
    expect(await bad.runner.give("token")).toEqual(refused);
    expect(bad.shown.at(-1)?.phase).toBe("beating");
    await bad.pass(INTERVAL_MS);
    expect(bad.asked()).toEqual(["register", "beat", "beat"]);
  });

  it("asks for nothing more once it is stopped, not even in the middle of something", async () => {
    const { runner, asked, isWaiting } = tab();
    runner.start();
    runner.stop();
    await settled();
    expect(asked()).toEqual([]);
    expect(isWaiting()).toBe(false);

    const other = tab();
    await other.start();
    other.runner.stop();
    await other.pass(INTERVAL_MS);
    expect(other.asked()).toEqual(["register", "beat"]);
  });
});
