import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { workspaceId } from "@x/emulator";
import { describe, expect, it } from "vitest";
import { connect } from "../src/transport/connection.ts";
import {
  carries,
  directoryOf,
  registrations,
  registryRequests,
  shared,
  startFleet,
  startPlatform,
  storedToken,
} from "./fleet-scene.ts";
import { holdAnswers } from "./held-answers.ts";
import { A, B, C } from "./ids.ts";
import { hasSettled } from "./scheduled.ts";

/** A platform, and a fleet whose answers from it can be held back. */
async function setUp() {
  const emulator = await startPlatform();
  const answers = holdAnswers();
  return { emulator, answers, url: emulator.url, connect: answers.connect };
}

describe("a workspace that is removed from a running fleet", () => {
  it("while its registration is in flight stores the received token, and sends nothing more", async () => {
    const { emulator, answers, url, connect } = await setUp();
    const registration = answers.hold("/registry/register");
    const { fleet, configsDir, events } = await startFleet([shared(A, url), shared(B, url)], { connect });
    await registration.arrived;
    const [id = ""] = emulator.workspaces().map((workspace) => workspace.id);
    const removed = fleet.remove(id);
    expect(fleet.workspaces().map((workspace) => workspace.id)).not.toContain(id);
    expect(await hasSettled(removed)).toBe(false);
    registration.release();
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
    const { emulator, answers, url, connect } = await setUp();
    const lookup = answers.hold(`/workspaces/${A}`);
    const { fleet, configsDir } = await startFleet([shared(A, url)], { connect });
    await lookup.arrived;
    const removed = fleet.remove(A);
    lookup.release();
    await removed;
    fleet.add(shared(B, url));
    await expect.poll(() => registryRequests(emulator, B).length).toBeGreaterThan(2);
    expect(registrations(emulator, A)).toEqual([]);
    expect(await storedToken(configsDir, url, A)).toBeNull();
  });

  it("has its job aborted, and the removal waits until that has ended", async () => {
    const { emulator, url } = await setUp();
    emulator.outage({ kind: "hang" }, { paths: ["/workspaces/*/delegations"] });
    const { fleet, heartbeats, events } = await startFleet([shared(A, url)]);
    await expect.poll(() => heartbeats(A)).toBeGreaterThan(0);
    await expect.poll(() => emulator.requests.some(({ path }) => path.endsWith("/delegations"))).toBe(true);
    await fleet.remove(A);
    // It did not simply run into its timeout.
    expect(events.filter(({ type }) => type === "job-failed")).toEqual([]);
    emulator.outage(null);
    const before = emulator.requests.length;
    fleet.add(shared(B, url));
    await expect.poll(() => registryRequests(emulator, B).length).toBeGreaterThan(2);
    expect(emulator.requests.slice(before).filter(({ workspaceId }) => workspaceId === A)).toEqual([]);
  });

  it("by the signal that it was added with ends the same way", async () => {
    const { emulator, url } = await setUp();
    const { fleet, heartbeats } = await startFleet([shared(B, url)]);
    const removal = new AbortController();
    fleet.add(shared(A, url), { signal: removal.signal });
    await expect.poll(() => heartbeats(A)).toBeGreaterThan(0);
    removal.abort();
    expect(fleet.workspaces().map(({ id }) => id)).toEqual([B]);
    await fleet.remove(A);
    fleet.add(shared(C, url), { signal: removal.signal });
    expect(fleet.workspaces().map(({ id }) => id)).toEqual([B]);
    const before = registryRequests(emulator, A).length;
    const others = heartbeats(B);
    await expect.poll(() => heartbeats(B)).toBeGreaterThan(others + 2);
    expect(registryRequests(emulator, A).length).toBeLessThanOrEqual(before);
    expect(registryRequests(emulator, C)).toEqual([]);
  });
});

describe("a workspace that is added again while its predecessor drains", () => {
  it("starts after it, with the token that it received", async () => {
    const { emulator, answers, url, connect } = await setUp();
    const registration = answers.hold("/registry/register");
    const { fleet, configsDir, heartbeats } = await startFleet([shared(A, url)], { connect });
    await registration.arrived;
    await fleet.apply([]);
    await fleet.apply([shared(A, url)]);
    expect(fleet.workspaces()).toEqual([]);
    registration.release();
    await expect.poll(() => heartbeats(A)).toBeGreaterThan(1);
    const token = (await storedToken(configsDir, url, A)) ?? "";
    const [first, ...later] = registryRequests(emulator, A);
    expect(first?.headers.authorization).toBeUndefined();
    expect(later.every((request) => carries(request, token) && request.status === 200)).toBe(true);
    expect(emulator.workspaces()).toMatchObject([{ id: A, liveTokens: 1 }]);
  });

  it("never starts if it is removed again", async () => {
    const { emulator, answers, url, connect } = await setUp();
    const registration = answers.hold("/registry/register");
    const { fleet } = await startFleet([shared(A, url)], { connect });
    await registration.arrived;
    for (let round = 0; round < 3; round += 1) {
      await fleet.apply([]);
      await fleet.apply([shared(A, url)]);
    }
    const removed = fleet.remove(A);
    registration.release();
    await removed;
    fleet.add(shared(B, url));
    await expect.poll(() => registryRequests(emulator, B).length).toBeGreaterThan(2);
    expect(registryRequests(emulator, A)).toHaveLength(1);
  });
});

it("a token that could not be stored before its workspace was removed is stored when it is added again", async () => {
  const { emulator, url } = await setUp();
  const { fleet, configsDir, heartbeats, events } = await startFleet([shared(A, url)]);
  await expect.poll(() => heartbeats(A)).toBeGreaterThan(0);
  const file = join(directoryOf(configsDir, url, A), ".auth_token");
  await rm(file);
  await mkdir(file);
  await writeFile(join(configsDir, "unsaved"), "");
  const pushed = emulator.pushToken(A);
  await expect.poll(() => events.some(({ type }) => type === "token-unsaved")).toBe(true);
  await fleet.remove(A);
  expect(fleet.unsaved()).toEqual([A]);
  await rm(file, { recursive: true });
  fleet.add(shared(A, url));
  await expect.poll(() => storedToken(configsDir, url, A)).toBe(pushed);
  await expect.poll(() => fleet.unsaved()).toEqual([]);
});

describe("a fleet", () => {
  it("that another runner has kept alive continues with heartbeats, without registering", async () => {
    const { emulator, url } = await setUp();
    const first = await startFleet([shared(A, url)]);
    await expect.poll(() => first.heartbeats(A)).toBeGreaterThan(0);
    await first.stop();
    const { fleet, heartbeats } = await startFleet([], { configsDir: first.configsDir });
    fleet.add(shared(A, url), { begin: "heartbeat" });
    await expect.poll(() => heartbeats(A)).toBeGreaterThan(1);
    expect(registrations(emulator, A)).toHaveLength(1);
  });

  it("that another runner has kept alive waits for a token that cannot be read, and does not register", async () => {
    const { emulator, url } = await setUp();
    const first = await startFleet([shared(A, url)]);
    await expect.poll(() => first.heartbeats(A)).toBeGreaterThan(0);
    await first.stop();
    const file = join(directoryOf(first.configsDir, url, A), ".auth_token");
    await rename(file, `${file}.away`);
    await mkdir(file);
    const sent = emulator.requests.length;
    const { fleet, heartbeats } = await startFleet([], { configsDir: first.configsDir });
    fleet.add(shared(A, url), { begin: "heartbeat" });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(emulator.requests).toHaveLength(sent);
    await rm(file, { recursive: true });
    await rename(`${file}.away`, file);
    await expect.poll(() => heartbeats(A)).toBeGreaterThan(1);
    expect(registrations(emulator, A)).toHaveLength(1);
  });

  it("that has stopped sends nothing more, whatever was in flight", async () => {
    const { emulator, url } = await setUp();
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
      ids.map((id) => shared(id, url)),
      { connect: counting },
    );
    await expect.poll(() => emulator.requests.length).toBeGreaterThan(20);
    await stop();
    expect(open).toBe(0);
  });
});
