import type { Signal } from "@x/auth-core";
import type { FileSystem } from "./file-system.ts";

/** One call's access to the file system. */
export interface Access {
  /** After an abort, rejects with the signal's reason instead of continuing. */
  readonly io: FileSystem;
  /** For steps that must be completed or cleaned up. */
  readonly always: FileSystem;
  readonly signal: Signal | undefined;
}

/** Closing and unlinking still work after an abort: they undo a step. */
export function beginAccess(io: FileSystem, signal?: Signal): Access {
  if (!signal) return { io, always: io, signal: undefined };
  const step = <T>(call: () => Promise<T>): Promise<T> =>
    signal.aborted ? Promise.reject(signal.reason) : call();
  return {
    signal,
    always: io,
    io: {
      close: (fd) => io.close(fd),
      unlink: (path) => io.unlink(path),
      open: (...args) => step(() => io.open(...args)),
      fstat: (fd) => step(() => io.fstat(fd)),
      read: (...args) => step(() => io.read(...args)),
      write: (...args) => step(() => io.write(...args)),
      fsync: (fd) => step(() => io.fsync(fd)),
      ftruncate: (...args) => step(() => io.ftruncate(...args)),
      fchmod: (...args) => step(() => io.fchmod(...args)),
      fchown: (...args) => step(() => io.fchown(...args)),
      lstat: (path) => step(() => io.lstat(path)),
      stat: (path) => step(() => io.stat(path)),
      readlink: (path) => step(() => io.readlink(path)),
      realpath: (path) => step(() => io.realpath(path)),
      rename: (...args) => step(() => io.rename(...args)),
      link: (...args) => step(() => io.link(...args)),
      mkdir: (...args) => step(() => io.mkdir(...args)),
      chmod: (...args) => step(() => io.chmod(...args)),
      readdir: (path) => step(() => io.readdir(path)),
      access: (...args) => step(() => io.access(...args)),
    },
  };
}
