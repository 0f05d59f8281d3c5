// The real file thread on a disk that fails with the code in a file (`diskFaultMarker`), for as long as that file is there.
import fs from "node:fs";

const { O_CREAT, O_RDWR, O_WRONLY } = fs.constants;
const { statSync, readFileSync } = fs;
const marker = globalThis.diskFaultMarker;

function currentFault() {
  if (statSync(marker, { throwIfNoEntry: false }) === undefined) return null;
  try {
    return readFileSync(marker, "utf8");
  } catch {
    return null;
  }
}

function fail(code, syscall) {
  throw Object.assign(new Error(`${code}: the disk fails, ${syscall}`), { code, syscall });
}

/** Calls by name, and the faults that they meet. */
const CALLS = {
  mkdirSync: ["ENOSPC", "EROFS"],
  renameSync: ["EROFS", "EIO"],
  linkSync: ["EROFS"],
  unlinkSync: ["EROFS"],
  rmSync: ["EROFS"],
  rmdirSync: ["EROFS"],
  ftruncateSync: ["EROFS"],
  fchmodSync: ["EROFS"],
  fsyncSync: ["ENOSPC", "EIO"],
  readSync: ["EIO"],
  readdirSync: ["EIO"],
};

for (const [name, faults] of Object.entries(CALLS)) {
  const call = fs[name];
  fs[name] = (...args) => {
    const fault = currentFault();
    if (faults.includes(fault)) fail(fault, name);
    return call(...args);
  };
}

const { openSync, writeSync } = fs;
fs.openSync = (path, flags, mode) => {
  const isToWrite = typeof flags === "number" && (flags & (O_CREAT | O_RDWR | O_WRONLY)) !== 0;
  if (isToWrite && currentFault() === "EROFS") fail("EROFS", "openSync");
  return openSync(path, flags, mode);
};
// A disk that becomes full takes a part first.
fs.writeSync = (fd, bytes, offset = 0, length = bytes.length - offset, position = null) => {
  const fault = currentFault();
  if (fault === "EIO" || (fault === "ENOSPC" && length < 2)) fail(fault, "writeSync");
  return writeSync(fd, bytes, offset, fault === "ENOSPC" ? Math.floor(length / 2) : length, position);
};

await import("../dist/file-worker.js");
