import type { AuthHeaders } from "@x/auth-core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type ClientAuth, createPlatformClients, type Transport } from "../src/index.ts";
import { ID } from "./support/client.ts";
import { numRuns } from "./support/runs.ts";

const ORIGINS = ["https://a.example", "https://b.example", "https://c.example"];
const tokenFor = (origin: string, generation = 0) => `token-${generation}-for-${new URL(origin).hostname}`;

/** An `Auth` whose platform changes, and whose answers are delayed and may be outdated on arrival. */
function slowAuth(scheduler: fc.Scheduler) {
  let origin = ORIGINS[0] ?? "";
  let generation = 0;
  const headers = async (): Promise<AuthHeaders> => {
    const made = { Origin: origin, Authorization: `Bearer ${tokenFor(origin, generation)}` };
    await scheduler.schedule(Promise.resolve(), "headers");
    return made;
  };
  const saved: { token: string; platformOrigin: string | undefined }[] = [];
  const auth: ClientAuth = {
    authHeaders: headers,
    selfSourceHeaders: async (id) => ({ ...(await headers()), "X-Workspace-ID": id }),
    async recover() {
      generation += 1;
      return headers();
    },
    async saveToken(token, { platformOrigin } = {}) {
      saved.push({ token, platformOrigin });
    },
    getWorkspaceToken: () => null,
    registerWorkspaceToken: () => {},
    platformOrigin: () => origin,
  };
  return {
    auth,
    saved,
    move(to: string) {
      origin = to;
    },
  };
}

it("no request carries another platform's token, and no token is stored for another, in any order of events", async () => {
  let requests = 0;
  const step = fc.oneof(
    fc.record({ move: fc.constantFrom(...ORIGINS) }),
    fc.record({
      ask: fc.constantFrom(...ORIGINS),
      route: fc.constantFrom("register", "heartbeat", "state", "message"),
    }),
  );
  const property = fc.asyncProperty(
    fc.array(step, { maxLength: 25 }),
    fc.scheduler(),
    async (steps, scheduler) => {
      const { auth, saved, move } = slowAuth(scheduler);
      const transport: Transport = {
        async request({ url, headers }) {
          requests += 1;
          const { origin, hostname } = new URL(url);
          expect(headers.Authorization).toMatch(new RegExp(`-for-${hostname}$`));
          expect(auth.platformOrigin()).toBe(origin);
          await scheduler.schedule(Promise.resolve(), "answer");
          const isRejected = headers.Authorization?.includes("token-0");
          const body = isRejected
            ? { error: "invalid workspace auth token" }
            : { auth_token: `new${tokenFor(origin)}` };
          return { status: isRejected ? 401 : 200, headers: { get: () => null }, text: JSON.stringify(body) };
        },
      };
      const clients = new Map(
        ORIGINS.map((platformUrl) => [
          platformUrl,
          createPlatformClients({ platformUrl, transport })({ auth, workspaceId: ID }),
        ]),
      );
      const { task } = scheduler.scheduleSequence(
        steps.map((each) => async () => {
          if ("move" in each) return move(each.move);
          const client = clients.get(each.ask);
          if (each.route === "register") void client?.register({ agentCard: {} });
          else if (each.route === "heartbeat") void client?.heartbeat();
          else if (each.route === "state") void client?.state();
          else void client?.sendMessage({ to: ID, text: "hi" });
        }),
      );
      await scheduler.waitFor(task);
      await scheduler.waitIdle();
      for (const { token, platformOrigin = "" } of saved)
        expect(token).toBe(`new${tokenFor(platformOrigin)}`);
    },
  );
  await fc.assert(property, { numRuns });
  expect(requests).toBeGreaterThan(numRuns / 5);
});
