import { createAuth, createAuthFetch, memoryTokenStorage } from "@x/auth-core";
import { expect, onTestFinished, test } from "vitest";
import { createFixtures } from "../src/fixtures/fixtures.ts";
import type { Setup, Tenant } from "../src/tenants/setups.ts";
import { openTenant } from "../src/tenants/tenants.ts";
import { examine, sendInterleaved } from "../src/tenants/traffic.ts";

/** Each mix-up of tenants that the experiment must detect. */
const careless: Record<string, (tenants: readonly Tenant[]) => Setup> = {
  "the other's token"(tenants) {
    const storage = memoryTokenStorage();
    return {
      sends: tenants.map(({ platform }) =>
        createAuthFetch(createAuth({ storage, env: { PLATFORM_URL: platform.origin } })),
      ),
      learn: (_, token) => void storage.write(token),
    };
  },
  "the other's id": (tenants) => ({
    sends: tenants.map((_, index) => (url, init) => {
      const other = tenants[1 - index]?.workspaceId ?? "";
      return fetch(url, { ...init, redirect: "manual", headers: { "X-Workspace-ID": other } });
    }),
    learn() {},
  }),
  "the other's tenant"(tenants) {
    const env = (index: number) => ({
      PLATFORM_URL: tenants[index]?.platform.origin,
      MOLECULE_ORG_ID: tenants[0]?.orgId,
    });
    return {
      sends: tenants.map((_, index) =>
        createAuthFetch(createAuth({ storage: memoryTokenStorage(), env: env(index) })),
      ),
      learn() {},
    };
  },
  "the other's origin": (tenants) => ({
    sends: tenants.map((_, index) => (url, init) => {
      const other = tenants[1 - index]?.platform.origin ?? "";
      return fetch(url, { ...init, redirect: "manual", headers: { Referer: `${other}/` } });
    }),
    learn() {},
  }),
};

test.each(Object.keys(careless))("%s on a request is detected", async (what) => {
  const fixtures = createFixtures();
  onTestFinished(fixtures.end);
  const pair = [await openTenant(fixtures, "red"), await openTenant(fixtures, "blue")] as const;
  const setup = careless[what]?.(pair);
  if (setup) await sendInterleaved(pair, setup, { requests: 60, progress() {} });
  expect(Object.keys(examine(pair).finding("", "ours").ways)).toEqual([what]);
});
