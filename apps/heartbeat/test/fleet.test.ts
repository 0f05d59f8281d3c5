import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@x/emulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../src/clock.ts";
import { DEFAULT_TIMING } from "../src/config/timing.ts";
import type { WorkspaceConfig } from "../src/config/workspaces.ts";
import { createFleet } from "../src/fleet/fleet.ts";
import type { WorkspaceEvent } from "../src/workspace/events.ts";
import { recordingProxy } from "./recording-proxy.ts";

/** A heartbeat every 0.6 s. */
const SPEED = 50;

async function platform(): Promise<Emulator> {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  return emulator;
}

async function startFleet(workspaces: readonly WorkspaceConfig[], env: Record<string, string> = {}) {
  const configsDir = await mkdtemp(join(tmpdir(), "fleet-"));
  const events: (WorkspaceEvent & { workspaceId: string })[] = [];
  const fleet = createFleet({
    config: { configsDir, isFleet: true, timing: DEFAULT_TIMING, cardOf: (name) => ({ name }) },
    env,
    clock: systemClock(SPEED),
    random: Math.random,
    onAuthEvent() {},
    onEvent: (workspaceId, event) => events.push({ ...event, workspaceId }),
  });
  await fleet.apply(workspaces);
  const stop = new AbortController();
  const done = fleet.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await done;
    await rm(configsDir, { recursive: true, force: true });
  });
  const heartbeats = (id: string) =>
    events.filter(({ type, workspaceId }) => type === "heartbeat" && workspaceId === id).length;
  return {
    fleet,
    events,
    heartbeats,
    tokenFile: (id: string) => join(configsDir, "workspaces", id, ".auth_token"),
  };
}

const shared = (id: string, url: string, token?: string): WorkspaceConfig => ({
  id,
  platformUrl: url,
  ownPlatform: false,
  ...(token !== undefined && { token }),
});

describe("a fleet", () => {
  it("keeps each workspace's issued token in a file of its own, 0600, and uses it after a restart", async () => {
    const { url } = await platform();
    const { tokenFile, heartbeats } = await startFleet([shared("a", url), shared("b", url)]);
    await expect.poll(() => Math.min(heartbeats("a"), heartbeats("b"))).toBeGreaterThan(1);
    const [a, b] = await Promise.all(["a", "b"].map((id) => readFile(tokenFile(id), "utf8")));
    expect(a).not.toBe(b);
    expect((await stat(tokenFile("a"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(tokenFile("a"), ".."))).mode & 0o777).toBe(0o700);
  });

  it("uses the token of the list, and the tenant only at the platform that it belongs to", async () => {
    const [first, second] = [await platform(), await platform()];
    const workspaces: WorkspaceConfig[] = [
      shared("a", first.url, first.issue("a")),
      { id: "b", platformUrl: second.url, ownPlatform: true, token: second.issue("b") },
    ];
    const { heartbeats } = await startFleet(workspaces, { MOLECULE_ORG_ID: "org-1" });
    await expect.poll(() => Math.min(heartbeats("a"), heartbeats("b"))).toBeGreaterThan(1);
    expect(first.requests.every(({ headers }) => headers["x-molecule-org-id"] === "org-1")).toBe(true);
    expect(second.requests.every(({ headers }) => headers["x-molecule-org-id"] === undefined)).toBe(true);
    expect([...first.requests, ...second.requests].every(({ status }) => (status ?? 0) < 300)).toBe(true);
  });

  it("lets nothing of one platform reach another, to the last byte", async () => {
    const emulators = [await platform(), await platform()];
    const sides = await Promise.all(
      emulators.map(async (emulator, index) => {
        const proxy = await recordingProxy(emulator.url);
        const id = `workspace-of-side-${index}`;
        return { emulator, proxy, id, token: emulator.issue(id) };
      }),
    );
    const { heartbeats, tokenFile } = await startFleet(
      sides.map(({ id, proxy, token }) => ({ id, platformUrl: proxy.url, ownPlatform: true, token })),
    );
    await expect.poll(() => Math.min(...sides.map(({ id }) => heartbeats(id)))).toBeGreaterThan(2);
    const secrets = new Map(sides.map(({ id, token }) => [id, [token]]));
    for (const { emulator, id } of sides) {
      const rotated = await emulator.rotate(id);
      await mkdir(join(tokenFile(id), ".."), { recursive: true });
      await writeFile(tokenFile(id), rotated);
      secrets.get(id)?.push(rotated);
    }
    const before = Math.max(...sides.map(({ id }) => heartbeats(id)));
    await expect.poll(() => Math.min(...sides.map(({ id }) => heartbeats(id)))).toBeGreaterThan(before + 2);
    const [one, other] = sides;
    for (const [mine, theirs] of [[one, other] as const, [other, one] as const]) {
      if (mine === undefined || theirs === undefined) throw new Error("two sides");
      const received = mine.proxy.received();
      for (const secret of secrets.get(mine.id) ?? []) expect(received.includes(secret)).toBe(true);
      for (const secret of secrets.get(theirs.id) ?? []) expect(received.includes(secret)).toBe(false);
      expect(received).not.toContain(theirs.id);
      expect(received).not.toContain(new URL(theirs.proxy.url).host);
    }
  });

  it("takes over a changed list without touching the workspaces that stay", async () => {
    const emulator = await platform();
    const { url } = emulator;
    const { fleet, heartbeats, events } = await startFleet([
      shared("a", url),
      shared("b", url),
      shared("c", url),
    ]);
    await expect.poll(() => Math.min(heartbeats("a"), heartbeats("b"), heartbeats("c"))).toBeGreaterThan(0);
    const rotated = await emulator.rotate("c");
    const changes = await fleet.apply([shared("a", url), shared("c", url, rotated), shared("d", url)]);
    expect(changes).toEqual({ added: ["d"], removed: ["b"], rotated: ["c"] });
    const before = emulator.requests.length;
    const [a, c] = [heartbeats("a"), heartbeats("c")];
    await expect
      .poll(() => heartbeats("a") > a + 1 && heartbeats("c") > c + 1 && heartbeats("d") > 0)
      .toBe(true);
    const since = emulator.requests.slice(before).filter(({ path }) => path.startsWith("/registry/"));
    // The rotated token is used with the next request: no 401 on the way.
    expect(since.filter(({ status }) => status !== 200)).toEqual([]);
    expect(
      since.filter(({ path }) => path.endsWith("/register")).map(({ workspaceId }) => workspaceId),
    ).toEqual(["d"]);
    expect(since.filter(({ workspaceId }) => workspaceId === "b").length).toBeLessThanOrEqual(1);
    expect(events.filter(({ type }) => type === "failed")).toEqual([]);
  });

  it("shows how each of its workspaces is doing", async () => {
    const { url } = await platform();
    const { fleet, heartbeats } = await startFleet([shared("a", url), shared("b", "http://127.0.0.1:9")]);
    await expect.poll(() => heartbeats("a")).toBeGreaterThan(0);
    await expect.poll(() => fleet.workspaces().find(({ id }) => id === "b")?.failure).toBeTruthy();
    expect(fleet.workspaces()).toMatchObject([
      { id: "a", state: { phase: "alive" }, failure: null, unsaved: false, platformStatus: "online" },
      { id: "b", state: { phase: "registering" }, lastHeartbeatAt: null },
    ]);
  });
});
