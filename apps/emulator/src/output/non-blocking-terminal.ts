import { closeSync, constants, openSync } from "node:fs";

const { O_NOCTTY = 0, O_NONBLOCK = 0, O_WRONLY } = constants;

interface Handle {
  setBlocking(isBlocking: boolean): number;
}

/**
 * Makes writes to a terminal non-blocking. Node makes them block, so that a stopped terminal (Ctrl-S, a hanging
 * connection) would stop everything else, too.
 *
 * @returns false if that is not possible
 */
export function makeNonBlocking(stream: NodeJS.WriteStream & { readonly fd: number }): boolean {
  const handle: unknown = Reflect.get(stream, "_handle");
  // libuv has a separate file description only if the terminal can be reopened. If not (another user's terminal in a
  // container), it would retry such a write in an endless busy loop.
  if (!hasSetBlocking(handle) || !canOpenAgain(stream.fd)) return false;
  return handle.setBlocking(false) === 0;
}

function hasSetBlocking(handle: unknown): handle is Handle {
  return typeof handle === "object" && handle !== null && "setBlocking" in handle;
}

function canOpenAgain(fd: number): boolean {
  try {
    closeSync(openSync(`/dev/fd/${fd}`, O_WRONLY | O_NOCTTY | O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
}
