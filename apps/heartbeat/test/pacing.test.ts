import type { TransportRequest, TransportResponse } from "@x/platform-client";
import { describe, expect, it } from "vitest";
import { nothingStored } from "../soak/nothing-stored.ts";
import { virtualTime } from "../soak/virtual-time.ts";
import { DEFAULT_TIMING } from "../src/config/timing.ts";
import { createFleet } from "../src/fleet/fleet.ts";
import type { PaceEvent } from "../src/fleet/pacer.ts";

const MINUTE = 60_000;
const LATENCY_MS = 100;

interface Sent {
  readonly at: number;
  readonly what: "register" | "heartbeat" | "other";
  readonly workspace: string;
  readonly isRefused: boolean;
}

/** A platform that counts a tenant's requests in windows of a minute. */
function limitedPlatform(limit: number, clock: ReturnType<typeof virtualTime>) {
  const sent: Sent[] = [];
  let startedAt = Number.NEGATIVE_INFINITY;
  let left = limit;
  function answer({ method, url, headers }: TransportRequest): TransportResponse {
    const now = clock.monotonic();
    if (now - startedAt >= MINUTE) [startedAt, left] = [now, limit];
    const isRefused = left === 0;
    left = Math.max(0, left - 1);
    const [, route = ""] = /\/registry\/(\w+)$/.exec(url) ?? [];
    const what = route === "register" || route === "heartbeat" ? route : "other";
    sent.push({ at: now, what, workspace: headers.Authorization ?? "", isRefused });
    const reset = String(Math.floor((startedAt + MINUTE - now) / 1000));
    const fields = new Map([
      ["x-ratelimit-limit", String(limit)],
      ["x-ratelimit-remaining", String(left)],
      ["x-ratelimit-reset", reset],
      ["retry-after", reset],
    ]);
    const id = url.split("/").at(-1);
    const text =
      method === "POST"
        ? '{"status":"ok"}'
        : url.endsWith("/delegations")
          ? "[]"
          : JSON.stringify({ id, url: "", status: "online" });
    return { status: isRefused ? 429 : 200, headers: { get: (name) => fields.get(name) }, text };
  }
  const request = (asked: TransportRequest) =>
    new Promise<TransportResponse>((resolve) => {
      clock.after(LATENCY_MS / 2, () => {
        const response = answer(asked);
        clock.after(LATENCY_MS / 2, () => resolve(response));
      });
    });
  return { sent, connect: () => ({ request, close: async () => {} }) };
}

/** The requests of a tenant's fleet within this many minutes. */
async function run({ workspaces, limit, minutes }: { workspaces: number; limit: number; minutes: number }) {
  const clock = virtualTime();
  const platform = limitedPlatform(limit, clock);
  const paces: PaceEvent[] = [];
  const fleet = createFleet({
    store: nothingStored,
    clock,
    timing: DEFAULT_TIMING,
    cardOf: (name) => ({ name }),
    env: { MOLECULE_ORG_ID: "org-1" },
    userAgent: "test/1",
    random: () => 0.5,
    onEvent() {},
    onAuthEvent() {},
    onPace: (event) => paces.push(event),
    connect: platform.connect,
  });
  await fleet.apply(
    Array.from({ length: workspaces }, (_, index) => ({
      id: `workspace-${index}`,
      token: `token-${String(index).padStart(37, "0")}`,
      platformUrl: "https://platform.example",
      ownPlatform: false,
      isListed: true,
    })),
  );
  const stop = new AbortController();
  const ended = fleet.run(stop.signal);
  await clock.pass(minutes * MINUTE);
  stop.abort();
  await clock.pass(MINUTE);
  await ended;
  return { sent: platform.sent, paces };
}

/** The longest time without an accepted heartbeat or registration of any workspace, from `since` on. */
function longestSilence(sent: readonly Sent[], since: number): number {
  const last = new Map<string, number>();
  let longest = 0;
  for (const { at, what, workspace, isRefused } of sent) {
    if (isRefused || what === "other") continue;
    const before = last.get(workspace);
    if (before !== undefined && at >= since) longest = Math.max(longest, at - before);
    last.set(workspace, at);
  }
  return longest;
}

describe("a tenant's fleet that exceeds the platform's rate limit", () => {
  it.each([
    { workspaces: 40, limit: 60 },
    { workspaces: 100, limit: 60 },
    { workspaces: 1_000, limit: 600 },
    { workspaces: 150, limit: 600 },
  ])(
    "keeps $workspaces workspaces online within $limit requests a minute, with hardly any rejections",
    async (size) => {
      const startMinutes = Math.ceil((4 * size.workspaces) / size.limit) + 4;
      const { sent, paces } = await run({ ...size, minutes: startMinutes + 20 });
      const settled = sent.filter(({ at }) => at > startMinutes * MINUTE);
      const share = (test: (each: Sent) => boolean) => settled.filter(test).length / settled.length;
      expect(share(({ isRefused }) => isRefused)).toBeLessThan(0.01);
      expect(share(({ what }) => what === "register")).toBe(0);
      expect(share(({ what }) => what === "other")).toBeGreaterThan(0.005);
      expect(longestSilence(sent, startMinutes * MINUTE)).toBeLessThan(180_000);
      expect(paces.map(({ type }) => type)).toEqual(["rate-limit-low"]);
    },
  );
});
