/** A file's metadata: the part of Node's `Stats` that a token storage uses. */
export interface FileStats {
  /** Kind and permission bits. */
  readonly mode: number;
  /** The owner's user id. */
  readonly uid: number;
  /** The owning group's id. */
  readonly gid: number;
  /** In bytes. */
  readonly size: number;
  /** Number of hard links. */
  readonly nlink: number;
  /** The device id. */
  readonly dev: number;
  /** The inode number. */
  readonly ino: number;
  /** Time of the last content change, in milliseconds since 1970. */
  readonly mtimeMs: number;
  /** Time of the last content or metadata change, in milliseconds since 1970. */
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
 * The file system calls that a token storage uses. All file access goes through one of these: `poolFileSystem` by
 * default, `syncFileSystem` in a dedicated worker thread, or one with fault injection in a test.
 *
 * Each method does what the system call of that name does, and rejects with Node's error, whose `code` is the system's
 * (`ENOENT`, `EBUSY`, …).
 */
export interface FileSystem {
  /** Opens a file and returns its descriptor. */
  open(path: string, flags: number, mode?: number): Promise<number>;
  /** Closes a descriptor. */
  close(fd: number): Promise<void>;
  /** The metadata of an open file. */
  fstat(fd: number): Promise<FileStats>;
  /** @returns the number of bytes read, at most the buffer's length; 0 at the end of the file */
  read(fd: number, bytes: Uint8Array, position: number): Promise<number>;
  /** @returns the number of bytes written, possibly fewer than given */
  write(fd: number, bytes: Uint8Array, position: number): Promise<number>;
  /** Flushes a file or a directory to disk. */
  fsync(fd: number): Promise<void>;
  /** Truncates an open file to a length in bytes. */
  ftruncate(fd: number, length: number): Promise<void>;
  /** Sets the permission bits of an open file. */
  fchmod(fd: number, mode: number): Promise<void>;
  /** Changes the owner of an open file. */
  fchown(fd: number, uid: number, gid: number): Promise<void>;
  /** The metadata of a path, without following a symbolic link. */
  lstat(path: string): Promise<FileStats>;
  /** The metadata of a path, following symbolic links. */
  stat(path: string): Promise<FileStats>;
  /** The target of a symbolic link. */
  readlink(path: string): Promise<string>;
  /** The path with all symbolic links resolved. */
  realpath(path: string): Promise<string>;
  /** Renames atomically, replacing `to`. */
  rename(from: string, to: string): Promise<void>;
  /** Creates a hard link; fails if `path` exists. */
  link(existing: string, path: string): Promise<void>;
  /** Removes a file. */
  unlink(path: string): Promise<void>;
  /** Creates a directory; its parent must exist. */
  mkdir(path: string, mode: number): Promise<void>;
  /** Sets the permission bits of a path. */
  chmod(path: string, mode: number): Promise<void>;
  /** The entries of a directory. */
  readdir(path: string): Promise<string[]>;
  /** Rejects unless this process may access the path in this `mode`. */
  access(path: string, mode: number): Promise<void>;
}
