import { describe, expect, it } from "vitest";
import { ModelPlatform, type ModelPlatformOptions } from "./model-platform.ts";
import { type RunOptions, rotationDisk, runRotation } from "./rotation-scene.ts";

const ROTATE = "POST /workspaces/w/external/rotate";
const MINT = "POST /workspaces/w/tokens";

async function start(options: ModelPlatformOptions = {}) {
  const platform = await new ModelPlatform(options).serve();
  const old = platform.issue("instance");
  const disk = rotationDisk(old);
  const rotate = async (run?: RunOptions) => (await runRotation(platform, disk, run)).result;
  return { platform, old, disk, rotate };
}

/** Acts on the first request that matches. */
function once(platform: ModelPlatform, line: string, what: ReturnType<ModelPlatform["intercept"]>) {
  let isOver = false;
  platform.intercept = (request) => {
    if (isOver || request !== line) return null;
    isOver = true;
    return what;
  };
}

const outage = { status: 503, body: { error: "down" } };

describe("a rotation", () => {
  it("mints a lifeline, rotates, stores the new token, verifies it, and leaves nothing behind", async () => {
    const { platform, old, disk, rotate } = await start();
    expect(await rotate()).toEqual({ outcome: "rotated", location: "memory", isResumed: false });
    expect(platform.requests).toEqual([
      "GET /workspaces/w/state",
      "GET /workspaces/w/tokens",
      MINT,
      ROTATE,
      "GET /workspaces/w/state",
      "GET /workspaces/w/tokens",
    ]);
    expect(platform.isLive(old)).toBe(false);
    expect(platform.tokens.map(({ text }) => text)).toEqual([await disk.token.read()]);
    expect(await disk.rotation.read()).toBeNull();
  });

  it("revokes the lifeline if API tokens survive, and the old token if it was one", async () => {
    const { platform, disk, rotate } = await start({ apiTokensSurvive: true });
    const api = platform.issue("api");
    await disk.token.write(api);
    const first = platform.tokens[0]?.text ?? "";
    await rotate({ revokeOthers: true });
    expect(platform.revoked).toContain(api);
    expect(platform.revoked).toContain(first);
    expect(platform.tokens.map(({ text }) => text)).toEqual([await disk.token.read()]);
    expect(platform.openings).toBe(0);
  });

  it("sends nothing when a new token could not be stored", async () => {
    const { platform, disk } = await start();
    const token = { ...disk.token, probe: () => Promise.reject(new Error("read-only")) };
    const { result } = await runRotation(platform, { ...disk, token });
    expect(result).toEqual({ outcome: "rejected", reason: { why: "storage", message: "read-only" } });
    expect(platform.requests).toEqual([]);
  });

  it("is rejected for a workspace that is not external, and revokes the lifeline", async () => {
    const { platform, old, disk, rotate } = await start({ isExternal: false });
    expect(await rotate()).toMatchObject({ outcome: "rejected", reason: { why: "not_external" } });
    expect(platform.tokens.map(({ text }) => text)).toEqual([old]);
    expect(await disk.rotation.read()).toBeNull();
  });

  it("reports the tokens of others, and changes nothing", async () => {
    const { platform, old, rotate } = await start();
    const other = platform.issue("api");
    platform.use(other);
    expect(await rotate()).toMatchObject({
      outcome: "rejected",
      reason: { why: "other_tokens", tokens: [{ prefix: other.slice(0, 8) }] },
    });
    expect(platform.requests).not.toContain(MINT);
    expect(platform.isLive(old) && platform.isLive(other)).toBe(true);
    expect(await rotate({ revokeOthers: true })).toMatchObject({ outcome: "rotated" });
    expect(platform.isLive(other)).toBe(false);
  });

  it("does not count its environment variable's token as another client's, and reports it as stale", async () => {
    const { platform, rotate } = await start();
    const variable = platform.issue("api");
    platform.use(variable);
    expect(await rotate({ fallback: variable })).toMatchObject({
      outcome: "rotated",
      staleSource: "MOLECULE_WORKSPACE_TOKEN",
    });
  });

  it("stores the new token when only the environment variable had one", async () => {
    const { platform, old } = await start();
    const disk = rotationDisk();
    const { result } = await runRotation(platform, disk, { fallback: old });
    expect(result).toMatchObject({ outcome: "rotated" });
    expect(platform.isLive(await disk.token.read())).toBe(true);
  });

  it("treats one lost mint as a leftover, and two new tokens as other clients'", async () => {
    const { platform, rotate } = await start();
    once(platform, MINT, "lose-answer");
    expect(await rotate()).toMatchObject({ outcome: "failed" });
    expect(platform.tokens).toHaveLength(2);
    const second = platform.issue("api");
    expect(await rotate()).toMatchObject({ outcome: "rejected", reason: { why: "other_tokens" } });
    platform.use(second);
    expect(await rotate()).toMatchObject({
      outcome: "rejected",
      reason: { why: "other_tokens", tokens: [{ prefix: second.slice(0, 8) }] },
    });
    platform.revoke(({ text }) => text === second);
    expect(await rotate()).toMatchObject({ outcome: "rotated", isResumed: true });
    expect(platform.tokens).toHaveLength(1);
  });

  it("treats a leftover as another client's as soon as it is used", async () => {
    const { platform, rotate } = await start({ apiTokensSurvive: true });
    once(platform, MINT, "lose-answer");
    await rotate();
    const leftover = platform.tokens[1]?.text ?? "";
    once(platform, MINT, outage);
    expect(await rotate()).toMatchObject({ outcome: "failed" });
    platform.use(leftover);
    expect(await rotate()).toMatchObject({
      reason: { why: "other_tokens", tokens: [{ prefix: leftover.slice(0, 8) }] },
    });
    expect(platform.isLive(leftover)).toBe(true);
  });

  it("keeps an unused token issued after the lifeline: no answer was lost then", async () => {
    const { platform, disk, rotate } = await start();
    once(platform, ROTATE, { status: 404, body: {} });
    const at = { at: 1_000, when: "before" } as const;
    platform.intercept = (
      (original) => (line: string) =>
        line === "GET /workspaces/w/tokens" && platform.requests.includes(ROTATE) ? outage : original(line)
    )(platform.intercept);
    await rotate({ kill: at });
    expect(await disk.rotation.read()).not.toBeNull();
    platform.intercept = () => null;
    const other = platform.issue("api");
    expect(await rotate()).toMatchObject({
      reason: { why: "other_tokens", tokens: [{ prefix: other.slice(0, 8) }] },
    });
  });
});

describe("a lost answer to the rotation", () => {
  it("is recovered with the lifeline if API tokens survive", async () => {
    const { platform, old, disk, rotate } = await start({ apiTokensSurvive: true });
    once(platform, ROTATE, "lose-answer");
    expect(await rotate()).toMatchObject({ outcome: "rotated" });
    expect(platform.isLive(old)).toBe(false);
    expect(platform.tokens.map(({ text }) => text)).toEqual([await disk.token.read()]);
    expect(platform.openings).toBe(0);
  });

  it("needs an operator if they do not; a token that the operator stores resolves it", async () => {
    const { platform, disk, rotate } = await start();
    once(platform, ROTATE, "lose-answer");
    expect(await rotate()).toEqual({ outcome: "locked_out" });
    platform.revoke(() => true);
    await disk.token.write(platform.issue("instance"));
    expect(await rotate()).toMatchObject({ outcome: "rotated", isResumed: true });
    expect(await disk.rotation.read()).toBeNull();
  });

  it("is retried if nothing had changed", async () => {
    const { platform, rotate } = await start();
    once(platform, ROTATE, outage);
    expect(await rotate()).toMatchObject({ outcome: "rotated" });
    expect(platform.requests.filter((line) => line === MINT)).toHaveLength(1);
  });

  it("is followed by a registration if the platform revoked all tokens and then failed", async () => {
    const { platform, disk, rotate } = await start();
    platform.intercept = (line) => {
      if (line !== ROTATE) return null;
      platform.revoke(() => true);
      return { status: 500, body: { error: "mint failed" } };
    };
    expect(await rotate()).toMatchObject({ outcome: "rotated" });
    expect(platform.isOpen()).toBe(false);
    expect(platform.isLive(await disk.token.read())).toBe(true);
  });
});

describe("a platform that answers late or never", () => {
  it.each([5, 0])("gets the request again after a rate limit's pause of %i s", async (seconds) => {
    const { platform, rotate } = await start();
    let limited = 0;
    platform.intercept = (line) => {
      if (line !== MINT || limited === 2) return null;
      limited += 1;
      return { status: 429, body: { error: "rate limit exceeded", retry_after: seconds } };
    };
    expect(await rotate()).toMatchObject({ outcome: "rotated" });
    expect(limited).toBe(2);
  });

  it("does not cause a new token to be removed from storage: the next run verifies it", async () => {
    const { platform, old, disk, rotate } = await start();
    platform.intercept = (line) => (platform.isLive(old) || line === ROTATE ? null : outage);
    expect(await rotate()).toMatchObject({ outcome: "failed" });
    expect(platform.isLive(await disk.token.read())).toBe(true);
    platform.intercept = () => null;
    const before = platform.requests.length;
    expect(await rotate()).toMatchObject({ outcome: "rotated", isResumed: true });
    expect(platform.requests.slice(before)).not.toContain(ROTATE);
  });
});

describe("a new token that cannot be stored", () => {
  it("is kept next to the runner's state until its own storage can take it", async () => {
    const { platform, disk } = await start();
    let isFull = true;
    const fail = () => Promise.reject(new Error("ENOSPC"));
    const token = {
      ...disk.token,
      replace: (expected: string | null, text: string) =>
        isFull ? fail() : Promise.resolve(disk.token.replace?.(expected, text) ?? false),
      write: (text: string) => (isFull ? fail() : Promise.resolve(disk.token.write(text))),
    };
    const first = await runRotation(platform, { ...disk, token });
    expect(first.result).toMatchObject({ outcome: "failed" });
    expect(platform.isLive(await disk.spill.read())).toBe(true);
    isFull = false;
    const { result } = await runRotation(platform, { ...disk, token });
    expect(result).toMatchObject({ outcome: "rotated", isResumed: true });
    expect(platform.isLive(await disk.token.read())).toBe(true);
    expect(await disk.spill.read()).toBeNull();
  });

  it("anywhere is reported as lost", async () => {
    const { platform, disk } = await start();
    const fail = () => Promise.reject(new Error("ENOSPC"));
    const full = (storage: (typeof disk)["token"]) => ({ ...storage, replace: fail, write: fail });
    const { result } = await runRotation(platform, {
      ...disk,
      token: full(disk.token),
      spill: full(disk.spill),
    });
    expect(result).toMatchObject({ outcome: "unsaved" });
    expect(JSON.stringify(result)).not.toContain(platform.tokens[0]?.text);
  });
});

it.each(["POST /registry/register", "GET /workspaces/w/tokens", MINT])(
  "a rotation that another one overtakes before its %s needs no operator",
  async (line) => {
    const { platform, disk, rotate } = await start();
    // A rotation registers only where no token is live.
    if (line.endsWith("/register")) platform.revoke(() => true);
    platform.intercept = (request) => {
      if (request !== line) return null;
      platform.revoke(() => true);
      void disk.token.write(platform.issue("instance"));
      return null;
    };
    expect(await rotate()).toEqual({
      outcome: "failed",
      message: "another process has replaced the token meanwhile",
    });
    expect(platform.isLive(await disk.token.read())).toBe(true);
  },
);

it("two concurrent rotations end with a live token, and never open the workspace", async () => {
  for (let round = 0; round < 10; round += 1) {
    const { platform, disk, rotate } = await start();
    const results = await Promise.all([rotate(), rotate()]);
    expect(platform.openings).toBe(0);
    const isLive = platform.isLive(await disk.token.read());
    const outcomes = results.map((result) => result?.outcome);
    expect(isLive || outcomes.includes("failed") || outcomes.includes("locked_out"), String(outcomes)).toBe(
      true,
    );
    const result = await rotate();
    if (result?.outcome === "rotated") expect(platform.isLive(await disk.token.read())).toBe(true);
  }
});
