import { expect, it } from "vitest";
import { type Lease, type LeaseState, PERMISSIONS } from "../../src/workspace/permissions.ts";
import { shared, startFleet } from "../fleet-scene.ts";
import { ATLAS } from "../ids.ts";
import { startPlatform } from "../support/platform.ts";

async function scene(initially: LeaseState) {
  const emulator = await startPlatform();
  const lease = { state: initially };
  const permissions: Lease = {
    permissionsOf: () => PERMISSIONS[lease.state],
    outlastsRequest: async () => lease.state === "held",
  };
  const id = ATLAS;
  const fleet = await startFleet([shared(id, emulator.url)], { lease: permissions });
  const sent = (path: string) => emulator.requests.filter((request) => request.path === path);
  return { emulator, lease, id, fleet, sent };
}

it("without a valid lease it sends only heartbeats, and registers again when the lease is valid", async () => {
  const { emulator, lease, id, fleet, sent } = await scene("held");
  await fleet.more(2, id);
  lease.state = "unsure";
  const before = emulator.requests.length;
  await fleet.more(4, id);
  const others = emulator.requests.slice(before).filter(({ path }) => path !== "/registry/heartbeat");
  // One job may have been in flight.
  expect(others.length).toBeLessThanOrEqual(3);

  emulator.rotate(id);
  await expect.poll(() => sent("/registry/heartbeat").filter(({ status }) => status === 401).length).toBe(1);
  const rejected = emulator.requests.length;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(emulator.requests.length).toBe(rejected);
  expect(sent("/registry/register").filter(({ status }) => status === 200)).toHaveLength(1);

  lease.state = "held";
  await expect.poll(() => emulator.requests.length).toBeGreaterThan(rejected);
});

it("registers without a token only with a lease that outlasts the request", async () => {
  const { emulator, lease, fleet, id } = await scene("unsure");
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(emulator.requests).toHaveLength(0);
  lease.state = "held";
  await fleet.more(1, id);
  await expect.poll(() => emulator.workspaces().find((each) => each.id === id)?.status).toBe("online");
});
