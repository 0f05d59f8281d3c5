// A file thread with operations for tests: they wait, crash and fail.
import { readFileSync } from "node:fs";
import { parentPort, threadId, workerData } from "node:worker_threads";

const { cancelled } = workerData;
const done = [];

const operations = {
  echo: (value) => value,
  /** Everything that this thread was asked to record, in order. */
  note(name) {
    done.push(name);
    return done;
  },
  /** Blocks in a system call, like a hanging disk, until something is written to the pipe. */
  readPipe: (path) => readFileSync(path, "utf8"),
  /** Works in steps until it is cancelled. */
  untilCancelled() {
    while (Atomics.load(cancelled, 0) === 0) Atomics.wait(cancelled, 0, 0, 5);
    return "cancelled";
  },
  work(ms) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    return "worked";
  },
  threadId: () => threadId,
  fail() {
    throw Object.assign(new Error("quotes a-secret-token"), { code: "EIO" });
  },
  exit: () => process.exit(3),
  exhaust() {
    const all = [];
    for (;;) all.push(new Array(1_000_000).fill(all.length));
  },
};

parentPort.on("message", ({ id, name, args }) => {
  try {
    const value = operations[name](args);
    parentPort.postMessage(value === "cancelled" ? { type: "cancelled", id } : { type: "done", id, value });
  } catch ({ name, message, code }) {
    parentPort.postMessage({ type: "failed", id, error: { name, message, code } });
  }
});
parentPort.postMessage({ type: "ready" });
