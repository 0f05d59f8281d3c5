import { inspectTokenFile, type TokenFileReport } from "@x/auth-node";
import { type Finding, note, ok, problem } from "./findings.ts";

const WHY_THERE: Record<TokenFileReport["source"], string> = {
  option: "as configured",
  env: "from CONFIGS_DIR",
  container: "the container's, writable",
  home: "in the home directory; CONFIGS_DIR is not set, and /configs is not there or not writable",
};

/** Where the token's file is and why there, who owns it and who may read it. */
export async function lookAtFile(
  where: NonNullable<Parameters<typeof inspectTokenFile>[0]>,
): Promise<Finding[]> {
  const report = await inspectTokenFile(where);
  const { path, source } = report;
  return [ok("configs dir", `${path.slice(0, path.lastIndexOf("/"))} (${WHY_THERE[source]})`), judge(report)];
}

function judge({
  path,
  exists,
  kind,
  linkTarget,
  mode,
  uid,
  ours,
  exposed,
  holdsToken,
  problem: why,
}: TokenFileReport) {
  if (why !== null)
    return problem("token file", `${path}: ${why}`, "mend what stands in the way; it is not removed for you");
  if (!exists)
    return note("token file", `${path} does not exist; it is written when the platform issues a token`);
  const through = linkTarget === null ? "" : ` through a link to ${linkTarget}`;
  const owner = ours === null ? "" : ours ? ", ours" : `, owned by user ${uid}`;
  const what = `${path}${through}: ${kind}, mode 0${(mode ?? 0).toString(8)}${owner}`;
  if (exposed) {
    const fix = ours
      ? `chmod 600 ${path} (the runner does so when it reads it)`
      : `have its owner run: chmod 600 ${path}`;
    return problem("token file", `${what}: others may read or write it`, fix);
  }
  return holdsToken ? ok("token file", what) : note("token file", `${what}, but blank`);
}
