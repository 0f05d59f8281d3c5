// The real file thread on a disk that hangs on request: a call about a path next to a pipe called `hangs` (for renames
// also `hangs-in-rename`) blocks in the system until something is written to that pipe.
import fs from "node:fs";
import { dirname, join } from "node:path";

const { closeSync, lstatSync, openSync } = fs;

function waitFor(pipe) {
  if (lstatSync(pipe, { throwIfNoEntry: false })?.isFIFO()) closeSync(openSync(pipe));
}

for (const name of [
  "openSync",
  "lstatSync",
  "statSync",
  "accessSync",
  "renameSync",
  "mkdirSync",
  "readdirSync",
]) {
  const call = fs[name];
  fs[name] = (path, ...rest) => {
    waitFor(join(dirname(String(path)), "hangs"));
    if (name === "renameSync") waitFor(join(dirname(String(path)), "hangs-in-rename"));
    return call(path, ...rest);
  };
}

await import("../../dist/file-worker.js");
