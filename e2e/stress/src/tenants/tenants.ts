import type { Experiment, ExperimentContext } from "../experiment.ts";
import type { Fixtures } from "../fixtures/fixtures.ts";
import type { Finding } from "../report/finding.ts";
import { count } from "../report/report.ts";
import { openPlatform } from "./platform.ts";
import { anAuthForEach, oneAuthWithRegistry, type Setup, type Tenant } from "./setups.ts";
import { examine, sendInterleaved } from "./traffic.ts";

export const tenants: Experiment = {
  id: "tenants",
  title: "two tenants at once",
  document: "SECURITY.md",
  needs: [],
  async run(context) {
    const each = await context.fixtures.within((fixtures) =>
      mix(context, fixtures, "an Auth for each", anAuthForEach),
    );
    const one = await context.fixtures.within((fixtures) =>
      mix(context, fixtures, "one Auth with a registry", oneAuthWithRegistry),
    );
    return [each, one];
  },
};

export async function openTenant(fixtures: Fixtures, name: string): Promise<Tenant> {
  const platform = await openPlatform(fixtures, name);
  return { workspaceId: `workspace-of-${name}`, orgId: `org-of-${name}`, platform };
}

async function mix(
  { scale: { requests }, progress }: ExperimentContext,
  fixtures: Fixtures,
  how: string,
  setUp: (tenants: readonly Tenant[], own: Tenant) => Setup,
): Promise<Finding> {
  const pair = [await openTenant(fixtures, "red"), await openTenant(fixtures, "blue")] as const;
  const own = await openTenant(fixtures, "own");
  await sendInterleaved(pair, setUp(pair, own), {
    requests,
    progress: (done) => progress(done, requests),
  });
  const unauthorized = pair.map(({ platform }) => platform.unauthorized());
  if (Math.min(...unauthorized) < requests / 100)
    throw new Error("Too few tokens were rejected for the test to be meaningful.");
  if (own.platform.requests.length > 0) throw new Error("Requests went to an unexpected platform.");
  const line = `${count(requests)} interleaved requests of two tenants, ${how}: one with the other's token, id, tenant or origin`;
  return examine(pair, [own]).finding(line, "ours");
}
