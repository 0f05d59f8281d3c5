import type { StatsFs } from "node:fs";
import { access, constants, lstat, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { inspectTokenFile, type TokenFileReport } from "@x/auth-node";
import { type Finding, note, ok, problem } from "./findings.ts";

const WHY_THERE: Record<TokenFileReport["source"], string> = {
  option: "as configured",
  env: "from CONFIGS_DIR",
  container: "the container's, writable",
  home: "in the home directory; CONFIGS_DIR is not set, and /configs is missing or not writable",
};

const ELSEWHERE = "or choose another one with --configs-dir";

/** The findings about the token file. */
export interface FileCheck {
  readonly findings: readonly Finding[];
  /** It cannot be read or holds no valid token; one of the findings says so. */
  readonly isUnreadable: boolean;
}

/** Checks where the token file is and why, who owns it and who may read it. */
export async function checkFile(
  where: NonNullable<Parameters<typeof inspectTokenFile>[0]>,
): Promise<FileCheck> {
  const report = await inspectTokenFile(where);
  return {
    findings: [await directoryFinding(report), classify(report)],
    isUnreadable: report.problem !== null,
  };
}

/** The platform issues a token once, so whether it can be stored must be known first. */
async function directoryFinding(report: TokenFileReport): Promise<Finding> {
  const { path, source, kind, linkTarget, holdsToken, directoryWritableByOthers } = report;
  const what = `${dirname(path)} (${WHY_THERE[source]})`;
  // A change of mode would damage a device, such as /dev/null.
  if (directoryWritableByOthers !== null && (await isDirectory(dirname(path)))) {
    const detail = `${what}: other users can put files into it (${directoryWritableByOthers}), so no token is stored there`;
    return problem(
      "configs dir",
      detail,
      `give ${dirname(path)} to this user alone (chown, chmod 700), ${ELSEWHERE}`,
    );
  }
  // Behind a link, the directory of its target counts; a broken link is reported with the file.
  const file = kind === "symlink" ? path : (linkTarget ?? path);
  const obstacle = await obstacleIn(dirname(file));
  if (obstacle === null) return ok("configs dir", what);
  if (kind === "file" && !obstacle.isFull && (await isWritable(file)))
    return ok("configs dir", `${what}: ${obstacle.why}, but the token file can be written in place`);
  const detail = `${what}: ${obstacle.why}, so no new token could be stored`;
  // Another process may write the token there.
  return holdsToken
    ? note("configs dir", detail)
    : problem("configs dir", detail, `${obstacle.fix}, ${ELSEWHERE}`);
}

interface Obstacle {
  readonly why: string;
  /** The fix. */
  readonly fix: string;
  /** A file that is there cannot grow either. */
  readonly isFull?: true;
}

/** What prevents creating files in a directory; if it does not exist yet, in the one where it would be created. */
async function obstacleIn(dir: string): Promise<Obstacle | null> {
  try {
    if (!(await stat(dir)).isDirectory()) return { why: `${dir} is not a directory`, fix: "move it away" };
    await access(dir, constants.W_OK | constants.X_OK);
    return whyNoRoom(dir, await statfs(dir).catch(() => null));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "?";
    if (code === "ENOTDIR") return { why: `a part of ${dir} is not a directory`, fix: "move that away" };
    if (code === "ENOENT" && (await isLink(dir)))
      return { why: `${dir} is a symbolic link to nothing`, fix: "remove the link" };
    if (code === "ENOENT" && dirname(dir) !== dir) return obstacleIn(dirname(dir));
    if (code === "EROFS") return { why: `${dir} is on a read-only file system`, fix: "mount it writable" };
    const user = process.getuid === undefined ? "" : ` (uid ${process.getuid()})`;
    return {
      why: `this user${user} cannot write to ${dir} (${code})`,
      fix: `make ${dir} writable for the user that the runner runs as`,
    };
  }
}

/** The kernel's own file systems, `/proc` and `/sys`: nothing can be created there. */
const OF_THE_KERNEL = [0x9fa0, 0x62656572];

/** For this user: root may use reserved space. Some file systems report no block or file counts. */
function whyNoRoom(dir: string, found: StatsFs | null): Obstacle | null {
  if (found === null) return null;
  const { type, blocks, bavail, bfree, files, ffree } = found;
  if (OF_THE_KERNEL.includes(type))
    return {
      why: `${dir} belongs to the kernel, which keeps no files there`,
      fix: "name a directory on a disk",
    };
  const isFull = (free: number, all: number) => all > 0 && free === 0;
  if (!isFull(process.geteuid?.() === 0 ? bfree : bavail, blocks) && !isFull(ffree, files)) return null;
  return { why: `there is no space left on the disk of ${dir}`, fix: "make room", isFull: true };
}

const isDirectory = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => true,
  );

const isLink = (path: string) =>
  lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );

const isWritable = (path: string) =>
  access(path, constants.W_OK).then(
    () => true,
    () => false,
  );

function classify({
  path,
  exists,
  kind,
  linkTarget,
  mode,
  uid,
  ours,
  readableByOthers,
  otherPlatform,
  otherWorkspace,
  holdsToken,
  problem: why,
}: TokenFileReport) {
  if (why !== null)
    return problem(
      "token file",
      `${path}: ${why}`,
      "fix that; doctor changes nothing, and sends nothing from the file",
    );
  if (!exists)
    return note("token file", `${path} does not exist; it is written when the platform issues a token`);
  const through = linkTarget === null ? "" : ` through a link to ${linkTarget}`;
  const owner = ours === null ? "" : ours ? ", ours" : `, owned by user ${uid}`;
  const what = `${path}${through}: ${kind}, mode 0${(mode ?? 0).toString(8)}${owner}`;
  if (readableByOthers) {
    const fix = ours
      ? `chmod 600 ${path} (the runner does so when it reads it)`
      : // After a chmod, only its owner could read it, and this user could not.
        `give it to this user (chown ${process.getuid?.()} ${path}, then chmod 600), or for a mounted Secret set defaultMode: 0440 and this user's group as fsGroup`;
    return problem("token file", `${what}: other users may read or write it`, fix);
  }
  if (otherPlatform !== null) {
    return note(
      "token file",
      `${what}: it holds a token for ${otherPlatform}, which is not sent to this platform`,
    );
  }
  if (otherWorkspace !== null) {
    return note(
      "token file",
      `${what}: it holds the token of workspace ${otherWorkspace}, which is not sent for this one`,
    );
  }
  return holdsToken ? ok("token file", what) : note("token file", `${what}, but blank`);
}
