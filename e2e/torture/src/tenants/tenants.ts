import type { Bench, Trial } from "../bench.ts";
import type { Lab } from "../lab/lab.ts";
import type { Finding } from "../report/finding.ts";
import { count } from "../report/report.ts";
import { openPlatform } from "./platform.ts";
import { anAuthForEach, oneAuthWithRegistry, type Setup, type Tenant } from "./setups.ts";
import { examine, sendInterleaved } from "./traffic.ts";

export const tenants: Trial = {
  id: "tenants",
  title: "two tenants at once",
  document: "SECURITY.md",
  needs: [],
  async run(bench) {
    const each = await bench.lab.within((lab) => mix(bench, lab, "an Auth for each", anAuthForEach));
    const one = await bench.lab.within((lab) =>
      mix(bench, lab, "one Auth with a registry", oneAuthWithRegistry),
    );
    return [each, one];
  },
};

export async function openTenant(lab: Lab, name: string): Promise<Tenant> {
  const platform = await openPlatform(lab, name);
  return { workspaceId: `workspace-of-${name}`, orgId: `org-of-${name}`, platform };
}

async function mix(
  { scale: { requests }, progress }: Bench,
  lab: Lab,
  how: string,
  setUp: (tenants: readonly Tenant[], own: Tenant) => Setup,
): Promise<Finding> {
  const pair = [await openTenant(lab, "red"), await openTenant(lab, "blue")] as const;
  const own = await openTenant(lab, "own");
  await sendInterleaved(pair, setUp(pair, own), {
    requests,
    progress: (done) => progress(done, requests),
  });
  const refusals = pair.map(({ platform }) => platform.refusals());
  if (Math.min(...refusals) < requests / 100) throw new Error("The tokens were hardly ever refused.");
  if (own.platform.requests.length > 0)
    throw new Error("Requests went to a platform that none was meant for.");
  const line = `${count(requests)} interleaved requests of two tenants, ${how}: one with the other's token, id, tenant or origin`;
  return examine(pair, [own]).finding(line, "ours");
}
