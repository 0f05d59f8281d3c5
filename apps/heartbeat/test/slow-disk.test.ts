import { join } from "node:path";
import { workspaceId } from "@x/emulator";
import { expect, it } from "vitest";
import { directoryOf, registryRequests, shared, startFleet, storedToken } from "./fleet-scene.ts";
import { A, B, C } from "./ids.ts";
import { HANGING_DISK, hangAt } from "./storage/disks.ts";
import { carries, startPlatform } from "./support/platform.ts";

it("a disk that hangs while one workspace's token is stored does not affect other heartbeats", async () => {
  const emulator = await startPlatform();
  const { url } = emulator;
  const ids = ["w-0", "w-1", "w-2", "w-3"].map(workspaceId);
  const [first = ""] = ids;
  const { fleet, configsDir, more, events } = await startFleet(
    ids.map((id) => shared(id, url)),
    { entry: HANGING_DISK },
  );
  await more(1, ...ids);
  const hang = hangAt(join(directoryOf(configsDir, url, first), "hangs-in-rename"));
  const pushed = emulator.pushToken(first);
  await expect.poll(() => events.some(({ type }) => type === "token-received")).toBe(true);
  await expect
    .poll(() => events.some(({ type, workspaceId }) => type === "token-unsaved" && workspaceId === first))
    .toBe(true);
  await more(4, ...ids.slice(1));

  // It is kept elsewhere in the meantime, and used.
  expect(await storedToken(configsDir, url, first, "unsaved")).toBe(pushed);
  await more(1, first);
  expect(carries(registryRequests(emulator, first).at(-1), pushed)).toBe(true);
  expect(fleet.unsaved()).toEqual([]);

  hang.end();
  await expect.poll(() => storedToken(configsDir, url, first)).toBe(pushed);
  await expect.poll(() => storedToken(configsDir, url, first, "unsaved")).toBeNull();
});

it("a list with new tokens is applied at once, though the disk of some of its workspaces hangs", async () => {
  const emulator = await startPlatform();
  const { url } = emulator;
  const ids = [A, B, C];
  const list = (token: (id: string) => string) => ids.map((id) => shared(id, url, token(id)));
  const { fleet, configsDir, more } = await startFleet(
    list((id) => emulator.issue(id)),
    { entry: HANGING_DISK },
  );
  await more(1, ...ids);
  for (const id of [A, B]) hangAt(join(directoryOf(configsDir, url, id), "hangs"));
  const tokens = new Map(ids.map((id) => [id, emulator.rotate(id)]));
  const asked = performance.now();
  const { rotated } = await fleet.apply(list((id) => tokens.get(id) ?? ""));
  expect(performance.now() - asked).toBeLessThan(2_000);
  expect(rotated).toEqual(ids);
  await more(1, ...ids);
  for (const id of ids)
    expect(carries(registryRequests(emulator, id).at(-1), tokens.get(id) ?? "")).toBe(true);
});

it("a fleet stops while the disk of one workspace hangs, and reports that its thread cannot end", async () => {
  const emulator = await startPlatform();
  const { url } = emulator;
  const scene = await startFleet([shared(A, url), shared(B, url)], { entry: HANGING_DISK });
  const { configsDir, store, more } = scene;
  await more(1, A, B);
  const hang = hangAt(join(directoryOf(configsDir, url, A), "hangs"));
  // After the 401 it reads its file again.
  emulator.rotate(A);
  await expect.poll(() => store.isStuck()).toBe(true);
  const asked = performance.now();
  await scene.stop();
  expect(performance.now() - asked).toBeLessThan(10_000);
  expect(store.isStuck()).toBe(true);
  hang.end();
});
