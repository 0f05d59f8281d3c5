import { closeSync, constants, openSync } from "node:fs";

const { O_NOCTTY = 0, O_NONBLOCK = 0, O_WRONLY } = constants;

interface Handle {
  setBlocking(isBlocking: boolean): number;
}

/**
 * Has writes to a terminal wait without blocking the process. Node makes them block, so that a terminal that is
 * stopped (Ctrl-S, a connection that hangs) stops everything else, too.
 *
 * @returns false when that cannot be had
 */
export function makeNonBlocking(stream: NodeJS.WriteStream & { readonly fd: number }): boolean {
  const handle: unknown = Reflect.get(stream, "_handle");
  // libuv has a description of its own only where the terminal may be opened again. Where it may not (another user's
  // terminal in a container), it would try such a write over and over, without an end.
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
