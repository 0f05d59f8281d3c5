import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { workspaceId } from "@x/emulator";
import { describe, expect, it } from "vitest";
import { connect } from "../src/transport/connection.ts";
import {
  directoryOf,
  type FleetSceneOptions,
  registrations,
  registryRequests,
  shared,
  startFleet,
  storedToken,
} from "./fleet-scene.ts";
import { holdAnswers } from "./held-answers.ts";
import { A, B, C } from "./ids.ts";
import { hasSettled } from "./scheduled.ts";
import { carries, startPlatform } from "./support/platform.ts";

/** A fleet whose platform has processed a first request to such a path; its answer is held back. */
async function startHeld(pathEnd: string, ...ids: readonly string[]) {
  const emulator = await startPlatform();
  const answers = holdAnswers();
  const held = answers.hold(pathEnd);
  const workspaces = ids.map((id) => shared(id, emulator.url));
  const scene = await startFleet(workspaces, { connect: answers.connect });
  await held.arrived;
  return { ...scene, emulator, url: emulator.url, release: held.release };
}

describe("a workspace that is removed from a running fleet", () => {
  it("while its registration is in flight stores the received token, and sends nothing more", async () => {
    const { emulator, url, release, fleet, configsDir, events } = await startHeld("/registry/register", A, B);
    const [id = ""] = emulator.workspaces().map((workspace) => workspace.id);
    const removed = fleet.remove(id);
    expect(fleet.workspaces().map((workspace) => workspace.id)).not.toContain(id);
    expect(await hasSettled(removed)).toBe(false);
    release();
    await removed;
    expect(await storedToken(configsDir, url, id)).toHaveLength(43);
    const [before, emitted] = [registryRequests(emulator, id).length, events.length];
    const other = id === A ? B : A;
    await expect.poll(() => registryRequests(emulator, other).length).toBeGreaterThan(3);
    expect(registryRequests(emulator, id)).toHaveLength(before);
    expect(events.slice(emitted).filter(({ workspaceId }) => workspaceId === id)).toEqual([]);
    expect(fleet.unsaved()).toEqual([]);
  });

  it("before its registration is sent is not registered", async () => {
    const { emulator, url, release, fleet, configsDir, more } = await startHeld(`/workspaces/${A}`, A);
    const removed = fleet.remove(A);
    release();
    await removed;
    fleet.add(shared(B, url));
    await more(2, B);
    expect(registrations(emulator, A)).toEqual([]);
    expect(await storedToken(configsDir, url, A)).toBeNull();
  });

  it("has its job aborted, and the removal waits until that has ended", async () => {
    const emulator = await startPlatform();
    emulator.outage({ kind: "hang" }, { paths: ["/workspaces/*/delegations"] });
    const { fleet, more, events } = await startFleet([shared(A, emulator.url)]);
    await more(1, A);
    await expect.poll(() => emulator.requests.some(({ path }) => path.endsWith("/delegations"))).toBe(true);
    await fleet.remove(A);
    // It did not simply run into its timeout.
    expect(events.filter(({ type }) => type === "job-failed")).toEqual([]);
    emulator.outage(null);
    const before = emulator.requests.length;
    fleet.add(shared(B, emulator.url));
    await more(2, B);
    expect(emulator.requests.slice(before).filter(({ workspaceId }) => workspaceId === A)).toEqual([]);
  });

  it("by the signal that it was added with ends the same way", async () => {
    const emulator = await startPlatform();
    const { fleet, more } = await startFleet([shared(B, emulator.url)]);
    const removal = new AbortController();
    fleet.add(shared(A, emulator.url), { signal: removal.signal });
    await more(1, A);
    removal.abort();
    expect(fleet.workspaces().map(({ id }) => id)).toEqual([B]);
    await fleet.remove(A);
    fleet.add(shared(C, emulator.url), { signal: removal.signal });
    expect(fleet.workspaces().map(({ id }) => id)).toEqual([B]);
    const before = registryRequests(emulator, A).length;
    await more(3, B);
    expect(registryRequests(emulator, A).length).toBeLessThanOrEqual(before);
    expect(registryRequests(emulator, C)).toEqual([]);
  });
});

describe("a workspace that is added again while its predecessor drains", () => {
  it("starts after it, with the token that it received", async () => {
    const { emulator, url, release, fleet, configsDir, more } = await startHeld("/registry/register", A);
    await fleet.apply([]);
    await fleet.apply([shared(A, url)]);
    expect(fleet.workspaces()).toEqual([]);
    release();
    await more(2, A);
    const token = (await storedToken(configsDir, url, A)) ?? "";
    const [first, ...later] = registryRequests(emulator, A);
    expect(first?.headers.authorization).toBeUndefined();
    expect(later.every((request) => carries(request, token) && request.status === 200)).toBe(true);
    expect(emulator.workspaces()).toMatchObject([{ id: A, liveTokens: 1 }]);
  });

  it("never starts if it is removed again", async () => {
    const { emulator, url, release, fleet, more } = await startHeld("/registry/register", A);
    for (let round = 0; round < 3; round += 1) {
      await fleet.apply([]);
      await fleet.apply([shared(A, url)]);
    }
    const removed = fleet.remove(A);
    release();
    await removed;
    fleet.add(shared(B, url));
    await more(2, B);
    expect(registryRequests(emulator, A)).toHaveLength(1);
  });
});

describe("a token that a workspace could not store before it was removed", () => {
  async function startUnsaved(options: FleetSceneOptions = {}) {
    const emulator = await startPlatform();
    const scene = await startFleet([shared(A, emulator.url)], options);
    const { fleet, configsDir, more, events } = scene;
    await more(1, A);
    const file = join(directoryOf(configsDir, emulator.url, A), ".auth_token");
    await rm(file);
    await mkdir(file);
    await writeFile(join(configsDir, "unsaved"), "");
    const pushed = emulator.pushToken(A);
    await expect.poll(() => events.some(({ type }) => type === "token-unsaved")).toBe(true);
    return {
      ...scene,
      url: emulator.url,
      pushed,
      repair: () => rm(file, { recursive: true }),
      async remove() {
        await fleet.remove(A);
        expect(fleet.unsaved()).toEqual([A]);
      },
    };
  }

  it("is stored when it is added again", async () => {
    const { fleet, configsDir, url, pushed, repair, remove } = await startUnsaved();
    await remove();
    await repair();
    fleet.add(shared(A, url));
    await expect.poll(() => storedToken(configsDir, url, A)).toBe(pushed);
    await expect.poll(() => fleet.unsaved()).toEqual([]);
  });

  it("is stored once that is possible, though it is not added again", async () => {
    const { fleet, configsDir, url, pushed, repair, remove } = await startUnsaved();
    await remove();
    await repair();
    await expect.poll(() => storedToken(configsDir, url, A)).toBe(pushed);
    await expect.poll(() => fleet.unsaved()).toEqual([]);
  });

  it.each(["a removed", "a running"])("is stored when the fleet stops, %s workspace's", async (whose) => {
    const { stop, fleet, configsDir, url, pushed, repair, remove } = await startUnsaved();
    if (whose === "a removed") await remove();
    await repair();
    await stop();
    expect(await storedToken(configsDir, url, A)).toBe(pushed);
    expect(fleet.unsaved()).toEqual([]);
  });

  it("is stored when the fleet stops, even if open connections prevent that (EMFILE)", async () => {
    let repair = async () => {};
    const scene = await startUnsaved({
      connect(...args) {
        const connection = connect(...args);
        const close = () => connection.close().then(() => repair());
        return { ...connection, close };
      },
    });
    ({ repair } = scene);
    await scene.stop();
    expect(await storedToken(scene.configsDir, scene.url, A)).toBe(scene.pushed);
  });
});

describe("a fleet", () => {
  it.each([
    ["continues with heartbeats, without registering", true],
    ["waits for a token that cannot be read, and does not register", false],
  ])("that another runner has kept alive %s", async (_, isReadable) => {
    const emulator = await startPlatform();
    const first = await startFleet([shared(A, emulator.url)]);
    await first.more(1, A);
    await first.stop();
    const file = join(directoryOf(first.configsDir, emulator.url, A), ".auth_token");
    const sent = emulator.requests.length;
    if (!isReadable) {
      await rename(file, `${file}.away`);
      await mkdir(file);
    }
    const { fleet, more } = await startFleet([], { configsDir: first.configsDir });
    fleet.add(shared(A, emulator.url), { begin: "heartbeat" });
    if (!isReadable) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(emulator.requests).toHaveLength(sent);
      await rm(file, { recursive: true });
      await rename(`${file}.away`, file);
    }
    await more(2, A);
    expect(registrations(emulator, A)).toHaveLength(1);
  });

  it("that has stopped sends nothing more, whatever was in flight", async () => {
    const emulator = await startPlatform();
    emulator.latency(30);
    const ids = Array.from({ length: 20 }, (_, index) => workspaceId(`w-${index}`));
    let open = 0;
    const counting: typeof connect = (...parts) => {
      const connection = connect(...parts);
      return {
        close: connection.close,
        async request(request) {
          open += 1;
          try {
            return await connection.request(request);
          } finally {
            open -= 1;
          }
        },
      };
    };
    const { stop } = await startFleet(
      ids.map((id) => shared(id, emulator.url)),
      { connect: counting },
    );
    await expect.poll(() => emulator.requests.length).toBeGreaterThan(20);
    await stop();
    expect(open).toBe(0);
  });
});
