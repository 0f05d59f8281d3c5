/** What there is to know of a file: the part of Node's `Stats` that keeping a token takes. */
export interface FileStats {
  /** Kind and permission bits. */
  readonly mode: number;
  /** The owner's user id. */
  readonly uid: number;
  /** The owning group's id. */
  readonly gid: number;
  /** In bytes. */
  readonly size: number;
  /** How many names it has. */
  readonly nlink: number;
  /** The device that it is on. */
  readonly dev: number;
  /** Its number on that device. */
  readonly ino: number;
  /** When its content last changed, in milliseconds since 1970. */
  readonly mtimeMs: number;
  /** When anything of it last changed, in milliseconds since 1970. */
  readonly ctimeMs: number;
  /** True for a regular file. */
  isFile(): boolean;
  /** True for a directory. */
  isDirectory(): boolean;
  /** True for a symbolic link. */
  isSymbolicLink(): boolean;
  /** True for a named pipe. */
  isFIFO(): boolean;
  /** True for a socket. */
  isSocket(): boolean;
}

/**
 * The calls of a file system that keeping a token takes. All file work goes through one of these: `poolFileSystem` by
 * default, `syncFileSystem` in a worker thread of its own, one with faults in a test.
 *
 * Each method does what the system call of that name does and rejects with Node's error, whose `code` is that of the
 * system (`ENOENT`, `EBUSY`, …).
 */
export interface FileSystem {
  /** Opens a file, and gives its descriptor. */
  open(path: string, flags: number, mode?: number): Promise<number>;
  /** Closes a descriptor. */
  close(fd: number): Promise<void>;
  /** What is open: kind, mode, owner, size. */
  fstat(fd: number): Promise<FileStats>;
  /** @returns how many bytes there were, at most as many as fit; 0 at the end of the file */
  read(fd: number, bytes: Uint8Array, position: number): Promise<number>;
  /** @returns how many of the bytes were taken */
  write(fd: number, bytes: Uint8Array, position: number): Promise<number>;
  /** Flushes a file, or a directory, to the disk. */
  fsync(fd: number): Promise<void>;
  /** Cuts an open file to a length in bytes. */
  ftruncate(fd: number, length: number): Promise<void>;
  /** Sets the permission bits of an open file. */
  fchmod(fd: number, mode: number): Promise<void>;
  /** Gives an open file away. */
  fchown(fd: number, uid: number, gid: number): Promise<void>;
  /** What is at a path; of a symbolic link, the link itself. */
  lstat(path: string): Promise<FileStats>;
  /** What is at a path, behind symbolic links. */
  stat(path: string): Promise<FileStats>;
  /** The text of a symbolic link. */
  readlink(path: string): Promise<string>;
  /** The path without symbolic links. */
  realpath(path: string): Promise<string>;
  /** Replaces what is at `to`, in one step. */
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name; fails where that one is taken. */
  link(existing: string, path: string): Promise<void>;
  /** Removes a name. */
  unlink(path: string): Promise<void>;
  /** Makes a directory; its parent has to be there. */
  mkdir(path: string, mode: number): Promise<void>;
  /** Sets the permission bits of what is at a path. */
  chmod(path: string, mode: number): Promise<void>;
  /** The names in a directory. */
  readdir(path: string): Promise<string[]>;
  /** Rejects unless this process may access the path in this `mode`. */
  access(path: string, mode: number): Promise<void>;
}
