import { join } from "node:path";
import { expect, it } from "vitest";
import {
  carries,
  directoryOf,
  registryRequests,
  shared,
  startFleet,
  startPlatform,
  storedToken,
} from "./fleet-scene.ts";
import { HANGING_DISK, hangAt } from "./storage/disks.ts";

it("a disk that hangs while one workspace's token is stored leaves the heartbeats of all others alone", async () => {
  const emulator = await startPlatform();
  const { url } = emulator;
  const ids = ["w-0", "w-1", "w-2", "w-3"];
  const { fleet, configsDir, heartbeats, events } = await startFleet(
    ids.map((id) => shared(id, url)),
    { entry: HANGING_DISK },
  );
  const others = () => Math.min(...ids.slice(1).map(heartbeats));
  await expect.poll(() => Math.min(others(), heartbeats("w-0"))).toBeGreaterThan(0);
  const hang = hangAt(join(directoryOf(configsDir, url, "w-0"), "hangs-in-rename"));
  const pushed = emulator.pushToken("w-0");
  await expect.poll(() => events.some(({ type }) => type === "token-received")).toBe(true);
  await expect
    .poll(() => events.some(({ type, workspaceId }) => type === "token-unsaved" && workspaceId === "w-0"))
    .toBe(true);
  const [before, own] = [others(), heartbeats("w-0")];
  await expect.poll(others).toBeGreaterThan(before + 3);

  // It is kept elsewhere meanwhile, and used.
  expect(await storedToken(configsDir, url, "w-0", "unsaved")).toBe(pushed);
  await expect.poll(() => heartbeats("w-0")).toBeGreaterThan(own);
  expect(carries(registryRequests(emulator, "w-0").at(-1), pushed)).toBe(true);
  expect(fleet.unsaved()).toEqual([]);

  hang.end();
  await expect.poll(() => storedToken(configsDir, url, "w-0")).toBe(pushed);
  await expect.poll(() => storedToken(configsDir, url, "w-0", "unsaved")).toBeNull();
}, 60_000);

it("a fleet stops while the disk of one workspace hangs, and says that its thread cannot end", async () => {
  const emulator = await startPlatform();
  const { url } = emulator;
  const scene = await startFleet([shared("a", url), shared("b", url)], { entry: HANGING_DISK });
  const { configsDir, store, heartbeats } = scene;
  await expect.poll(() => Math.min(heartbeats("a"), heartbeats("b"))).toBeGreaterThan(0);
  const hang = hangAt(join(directoryOf(configsDir, url, "a"), "hangs"));
  // With the 401 it reads its file again.
  emulator.rotate("a");
  await expect.poll(() => store.isStuck()).toBe(true);
  const asked = performance.now();
  await scene.stop();
  expect(performance.now() - asked).toBeLessThan(10_000);
  expect(store.isStuck()).toBe(true);
  hang.end();
}, 60_000);
