import { syncBuiltinESMExports } from "node:module";
import threads from "node:worker_threads";

/** For `--import`: the file threads work on disks that can be made to hang. */
threads.Worker = class extends threads.Worker {
  constructor(_entry, options) {
    super(new URL("../storage/hanging-disk-worker.mjs", import.meta.url), options);
  }
};
syncBuiltinESMExports();
