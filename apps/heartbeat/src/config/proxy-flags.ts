import type { Env } from "@x/auth-core";
import { resolveFilePath } from "@x/auth-node";
import { Problems } from "./problems.ts";

/** Flags of `heartbeat proxy`, as the command line gives them. */
export interface ProxyFlags {
  readonly socket?: string;
  readonly port?: string;
  readonly secretFile?: string;
}

/** Where the proxy listens. Paths are absolute. */
export type ProxySettings =
  | { readonly socket: string }
  /** 0 picks any free port. */
  | { readonly port: number; readonly secretFile: string };

/** @throws ConfigError with all problems at once */
export function readProxyFlags(flags: ProxyFlags, env: Env): ProxySettings {
  const { socket, port, secretFile } = flags;
  const problems = new Problems();
  const settings = problems.attempt<ProxySettings>(
    () => {
      if (socket !== undefined && port !== undefined)
        throw new Error("--socket and --port contradict each other; give one of them.");
      if (port !== undefined) return { port: portOf(port), secretFile: secretFileOf(secretFile, env) };
      if (secretFile !== undefined)
        throw new Error("--secret-file is for --port: only its owner can open a socket.");
      if (socket === undefined) throw new Error("give --socket <path>, or --port with --secret-file.");
      return { socket: socketOf(socket, "--socket", env) };
    },
    { socket: "" },
  );
  problems.throwIfAny();
  return settings;
}

/**
 * The path of a Unix socket.
 *
 * @throws Error naming the flag
 */
export function socketOf(path: string | undefined, flag: string, env: Env): string {
  if (process.platform === "win32") throw new Error(`${flag}: there are no Unix sockets here; use --port.`);
  if (path === undefined || path.trim() === "")
    throw new Error(`${flag} must be a path, like ${flag} /run/agent/platform.sock.`);
  return resolveFilePath(path, { name: flag, env });
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Error("--port must be a whole number from 0 to 65535; 0 takes any that is free.");
}

function secretFileOf(path: string | undefined, env: Env): string {
  if (path === undefined || path.trim() === "")
    throw new Error("--port needs --secret-file <path>: any program on this machine can reach a port.");
  return resolveFilePath(path, { name: "--secret-file", env });
}
