import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { dirname, join } from "node:path";
import threads from "node:worker_threads";

/** For `--import`: the file threads and the thread pool work on disks that can be made to hang. */
const { lstat } = fs;
fs.lstat = (path, ...rest) => {
  const pipe = join(dirname(String(path)), "hangs");
  if (!fs.existsSync(pipe)) return lstat(path, ...rest);
  fs.open(pipe, () => lstat(path, ...rest));
  console.error("the disk hangs");
};
const { lstat: lstatPromise } = fs.promises;
fs.promises.lstat = async (path, ...rest) => {
  const pipe = join(dirname(String(path)), "hangs");
  if (fs.existsSync(pipe)) await fs.promises.open(pipe);
  return lstatPromise(path, ...rest);
};
threads.Worker = class extends threads.Worker {
  constructor(_entry, options) {
    super(new URL("../storage/hanging-disk-worker.mjs", import.meta.url), options);
  }
};
syncBuiltinESMExports();
