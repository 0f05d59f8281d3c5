import fs from "node:fs";
import { join } from "node:path";
import type { Candidate, Experiment, ExperimentContext } from "../experiment.ts";
import { type Fixtures, run } from "../fixtures/fixtures.ts";
import { fileIn } from "../implementations.ts";
import { createTally, type Finding } from "../report/finding.ts";
import { failure, harm, type Outcome, saveFirst, saveOnce } from "./outcome.ts";
import { startServing } from "./serving.ts";

/** A user without any files. */
const NOBODY = 65_534;

/** Rejections in a row before giving up: some take ten seconds each. */
const MAX_REJECTIONS = 2;

/** A file that cannot be replaced can be overwritten; an unwritable location must be reported. */
export const locations: Experiment = {
  id: "locations",
  title: "files and directories that cannot be replaced or written",
  document: "docs/durability.md",
  needs: [],
  async run(context) {
    const findings: Finding[] = [];
    for (const [line, location] of Object.entries(LOCATIONS)) {
      const missing = context.abilities.missing(location.needs);
      if (missing !== "") {
        context.leaveOut(`“${line}”, which needs ${missing}`);
        continue;
      }
      findings.push(...(await context.each((candidate) => saveIn(context, candidate, location, line))));
    }
    return findings;
  },
};

interface Location {
  readonly needs: Experiment["needs"];
  /** The uid of the writer. */
  readonly uid?: number | undefined;
  readonly wrong: (outcome: Outcome) => string | null;
  /** Sets up the obstacle after the first token was saved. */
  prepare(fixtures: Fixtures, directory: string, file: string): void;
}

const LOCATIONS: Record<string, Location> = {
  "File that is itself a mount: the new token is not stored": {
    needs: ["mounts"],
    wrong: failure,
    prepare: bindFile,
  },
  "File of ours in a directory that we may not write to: the new token is not stored": {
    needs: [],
    uid: process.getuid?.() === 0 ? NOBODY : undefined,
    wrong: failure,
    prepare(fixtures, directory, file) {
      if (process.getuid?.() === 0) {
        fs.chownSync(file, NOBODY, NOBODY);
        fs.chownSync(directory, 0, 0);
      }
      fs.chmodSync(directory, 0o555);
      fixtures.undo(() => fs.chmodSync(directory, 0o755));
    },
  },
  "Read-only file system: old token lost, or not reported": {
    needs: ["mounts"],
    wrong: harm,
    prepare(fixtures, directory) {
      fixtures.mount(directory, ["--bind"], directory);
      run("mount", ["-o", "remount,bind,ro", directory]);
    },
  },
};

/** Bind-mounts a file over the token file, as container platforms do with single files. */
export function bindFile(fixtures: Fixtures, _directory: string, file: string): void {
  const source = join(fixtures.directory(), "mounted");
  fs.copyFileSync(file, source);
  fixtures.mount(source, ["--bind"], file);
}

async function saveIn(
  { scale, progress }: ExperimentContext,
  { fixtures, implementation }: Candidate,
  location: Location,
  line: string,
): Promise<Finding> {
  const directory = fixtures.directory();
  const writer = await startServing(fixtures, implementation, { uid: location.uid });
  if (location.uid !== undefined) fs.chownSync(directory, location.uid, location.uid);
  await saveFirst(writer, directory, 1);
  location.prepare(fixtures, directory, fileIn(directory, implementation));
  const tally = createTally();
  let old = 1;
  let rejections = 0;
  for (let n = 2; n <= scale.savesInPlace + 1 && rejections < MAX_REJECTIONS; n += 1) {
    const outcome = await saveOnce(writer, implementation, directory, { n, old });
    rejections = outcome.errorCode === null ? 0 : rejections + 1;
    tally.add(location.wrong(outcome));
    if (outcome.found.kind === "whole") old = outcome.found.n;
    progress(n - 1, scale.savesInPlace);
  }
  await writer.kill();
  return tally.finding(line, implementation.id);
}
