import { writeFile as atomically } from "atomically";
import Conf from "conf";
import writeFileAtomic from "write-file-atomic";

/** Stores a token. */
export type Save = (token: string) => unknown;

export const DURABLE_PEERS = ["write-file-atomic", "atomically", "conf"] as const;

/** By name; each in a separate directory. All of them replace the file, and none flushes its directory. */
export function peerSaves(directoryFor: (name: string) => string): Map<string, Save> {
  const inDirectory = (name: string) => `${directoryFor(name)}/.auth_token`;
  const conf = new Conf<{ token: string }>({
    cwd: directoryFor("conf"),
    configFileMode: 0o600,
    projectName: "bench",
  });
  return new Map<string, Save>([
    ["write-file-atomic", saveAtomic(inDirectory("write-file-atomic"), true)],
    ["atomically", saveAtomically(inDirectory("atomically"), true)],
    ["conf", (token) => conf.set("token", token)],
    ["write-file-atomic, fsync: false", saveAtomic(inDirectory("write-file-atomic-fast"), false)],
    ["atomically, fsync: false", saveAtomically(inDirectory("atomically-fast"), false)],
  ]);
}

// New options for each call: the library modifies them.
const saveAtomic =
  (path: string, fsync: boolean): Save =>
  (token) =>
    writeFileAtomic(path, token, { mode: 0o600, fsync });

const saveAtomically =
  (path: string, fsync: boolean): Save =>
  (token) =>
    atomically(path, token, { mode: 0o600, fsync });
