import type { Auth } from "@x/auth-core";
import type { PlatformClient } from "@x/platform-client";
import { expect, it } from "vitest";
import { virtualClock } from "../../test/virtual-clock.ts";
import type { WorkspaceContext } from "./agent-options.ts";
import type { WorkspaceEvent } from "./events.ts";
import { Registration } from "./registration.ts";
import type { WorkspaceJobs } from "./workspace-jobs.ts";

it("warns of a storage that takes no token, for ten of the workspaces that register in a second", async () => {
  const clock = virtualClock();
  const events: WorkspaceEvent[] = [];
  const answer = { ok: true, value: { deliveryMode: null } };
  const probe = () => Promise.reject(new Error("it is full."));
  const context = {
    auth: { getToken: async () => "token" } as Partial<Auth>,
    client: { checkAndRegister: async () => answer } as unknown as PlatformClient,
    environment: { store: { token: () => ({ probe }) }, clock },
    emit: (event: WorkspaceEvent) => events.push(event),
  } as unknown as WorkspaceContext;
  const card = { current: () => ({ name: "one" }), sent() {} };
  const jobs = { card, registered() {} } as unknown as WorkspaceJobs;
  const register = () => new Registration(context, jobs, undefined).send(AbortSignal.timeout(60_000));

  for (let count = 0; count < 15; count += 1) expect(await register()).toBe(answer);
  expect(events).toEqual(Array(10).fill({ type: "storage-not-writable", message: "it is full." }));
  await clock.advance(1_000);
  await register();
  expect(events).toHaveLength(11);
});
