import { access, constants } from "node:fs/promises";
import { dirname } from "node:path";
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
  return [await judgeDirectory(report), judge(report)];
}

/** The platform issues a token once: that it cannot be stored has to be known before. */
async function judgeDirectory({ path, source, holdsToken }: TokenFileReport): Promise<Finding> {
  const dir = dirname(path);
  const what = `${dir} (${WHY_THERE[source]})`;
  const [code, at] = await whyUnwritable(dir);
  if (code === null) return ok("configs dir", what);
  const user = process.getuid === undefined ? "" : ` (uid ${process.getuid()})`;
  const told = `${what}: this user${user} cannot write to ${at} (${code}), so no new token could be stored`;
  // Somebody else may put the token there.
  if (holdsToken) return note("configs dir", told);
  return problem(
    "configs dir",
    told,
    `make ${at} writable for the user that the runner runs as, or choose another one with --configs-dir`,
  );
}

/** Of a directory that does not exist yet, the one counts in which it would be made. */
async function whyUnwritable(dir: string): Promise<readonly [code: string | null, at: string]> {
  try {
    await access(dir, constants.W_OK | constants.X_OK);
    return [null, dir];
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "?";
    return code === "ENOENT" && dirname(dir) !== dir ? whyUnwritable(dirname(dir)) : [code, dir];
  }
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
