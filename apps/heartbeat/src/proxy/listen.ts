import { chmod, lstat, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { dirname } from "node:path";
import { ConfigError } from "../config/problems.ts";

/** A longer path does not fit into a socket address on macOS. */
const MAX_PATH_BYTES = 103;
const OWNER_ONLY = 0o600;

/**
 * Listens on a Unix socket that only this user can open.
 *
 * @throws ConfigError when another file is at the path, or another process listens
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES)
    throw unusable(path, `the path is longer than ${MAX_PATH_BYTES} bytes; choose a shorter one`);
  await removeLeftover(path);
  // The file exists before its mode could be changed, so this one call must create it with the right mode.
  const before = process.umask(0o177);
  const listens = listening(server, () => server.listen(path), path);
  process.umask(before);
  await listens;
  await chmod(path, OWNER_ONLY);
}

/**
 * Listens on a local port of this machine only.
 *
 * @param port 0 picks any free port
 * @returns the URL
 * @throws ConfigError when it is not available
 */
export async function listenOnLoopback(server: Server, port: number): Promise<string> {
  await listening(server, () => server.listen({ host: "127.0.0.1", port }), `port ${port}`);
  const { port: bound } = server.address() as AddressInfo;
  return `http://127.0.0.1:${bound}`;
}

function listening(server: Server, listen: () => void, where: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = ({ code, message }: NodeJS.ErrnoException) => reject(unusable(where, whyOf(code, message)));
    server.once("error", fail);
    server.once("listening", () => {
      server.off("error", fail);
      resolve();
    });
    listen();
  });
}

function whyOf(code: string | undefined, message: string): string {
  if (code === "EACCES") return "this user may not create it there";
  return code === "EADDRINUSE" ? "it is taken; choose another, 0 for any" : message;
}

/** A socket left by a process that was killed. */
async function removeLeftover(path: string): Promise<void> {
  const stats = await lstat(path).catch(({ code }: NodeJS.ErrnoException) => {
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw unusable(path, `${dirname(path)} cannot be read (${code})`);
  });
  if (stats === null) {
    // `listen` reports this as EACCES.
    if (!(await exists(dirname(path)))) throw unusable(path, "its directory does not exist; create it");
    return;
  }
  if (!stats.isSocket())
    throw unusable(path, "a file that is not a socket exists there; choose another path");
  if (await isServed(path))
    throw unusable(path, "another process listens there; stop it, or choose another path");
  await rm(path);
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    ({ code }: NodeJS.ErrnoException) => code !== "ENOENT" && code !== "ENOTDIR",
  );

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (served: boolean) => {
      socket.destroy();
      resolve(served);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", ({ code }: NodeJS.ErrnoException) =>
      settle(code !== "ECONNREFUSED" && code !== "ENOENT"),
    );
  });
}

const unusable = (where: string, why: string) =>
  new ConfigError([`The proxy cannot listen at ${where}: ${why}.`]);
