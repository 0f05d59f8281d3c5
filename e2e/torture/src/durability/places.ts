import fs from "node:fs";
import { join } from "node:path";
import type { Bench, Trial } from "../bench.ts";
import { type Contestant, fileIn } from "../contestants.ts";
import { type Lab, run } from "../lab/lab.ts";
import { createTally, type Finding } from "../report/finding.ts";
import { failure, harm, type Outcome, saveFirst, saveOnce } from "./outcome.ts";
import { startServing } from "./serving.ts";

/** A user that owns nothing. */
const NOBODY = 65_534;

/** Refusals in a row: some take ten seconds for each, and will not change their minds. */
const ENOUGH = 2;

/** A file that cannot be replaced can be written; what cannot be written at all is to be said. */
export const places: Trial = {
  id: "places",
  title: "files and directories that cannot be replaced or written",
  document: "docs/durability.md",
  needs: [],
  async run(bench) {
    const findings: Finding[] = [];
    for (const [line, place] of Object.entries(PLACES)) {
      const missing = bench.abilities.missing(place.needs);
      if (missing !== "") {
        bench.leaveOut(`“${line}”, which needs ${missing}`);
        continue;
      }
      for (const contestant of bench.contestants) {
        findings.push(await bench.lab.within((lab) => saveIn(bench, lab, place, line, contestant)));
      }
    }
    return findings;
  },
};

interface Place {
  readonly needs: Trial["needs"];
  /** Who saves there. */
  readonly uid?: number | undefined;
  readonly wrong: (outcome: Outcome) => string | null;
  /** Makes trouble, once the first token is there. */
  prepare(lab: Lab, directory: string, file: string): void;
}

const PLACES: Record<string, Place> = {
  "File that is a mount of its own: the new token is not stored": {
    needs: ["mounts"],
    wrong: failure,
    prepare: bindFile,
  },
  "File of ours in a directory that we may not write to: the new token is not stored": {
    needs: [],
    uid: process.getuid?.() === 0 ? NOBODY : undefined,
    wrong: failure,
    prepare(lab, directory, file) {
      if (process.getuid?.() === 0) {
        fs.chownSync(file, NOBODY, NOBODY);
        fs.chownSync(directory, 0, 0);
      }
      fs.chmodSync(directory, 0o555);
      lab.undo(() => fs.chmodSync(directory, 0o755));
    },
  },
  "Read-only file system: old token lost, or nothing said": {
    needs: ["mounts"],
    wrong: harm,
    prepare(lab, directory) {
      lab.mount(directory, ["--bind"], directory);
      run("mount", ["-o", "remount,bind,ro", directory]);
    },
  },
};

/** Mounts a file on the token file, as container platforms do with single files. */
export function bindFile(lab: Lab, _directory: string, file: string): void {
  const source = join(lab.directory(), "mounted");
  fs.copyFileSync(file, source);
  lab.mount(source, ["--bind"], file);
}

async function saveIn(
  { scale, progress }: Bench,
  lab: Lab,
  place: Place,
  line: string,
  contestant: Contestant,
): Promise<Finding> {
  const directory = lab.directory();
  const writer = await startServing(lab, contestant, { uid: place.uid });
  if (place.uid !== undefined) fs.chownSync(directory, place.uid, place.uid);
  await saveFirst(writer, directory, 1);
  place.prepare(lab, directory, fileIn(directory, contestant));
  const tally = createTally();
  let old = 1;
  let refused = 0;
  for (let n = 2; n <= scale.savesInPlace + 1 && refused < ENOUGH; n += 1) {
    const outcome = await saveOnce(writer, contestant, directory, { n, old });
    refused = outcome.told === null ? 0 : refused + 1;
    tally.add(place.wrong(outcome));
    if (outcome.found.kind === "whole") old = outcome.found.n;
    progress(n - 1, scale.savesInPlace);
  }
  await writer.kill();
  return tally.finding(line, contestant.id);
}
