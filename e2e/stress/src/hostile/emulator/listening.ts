import fs from "node:fs";
import os from "node:os";
import type { Tally } from "../../report/finding.ts";
import { talk } from "../sockets.ts";

const LISTEN = "0A";
/** 127.0.0.1 in the kernel's notation, least significant byte first. */
const LOOPBACK = "0100007F";

/** The process's listening sockets according to the kernel, and whether the machine's other addresses reach it. */
export async function checkListening(
  { pid, port }: { pid: number; port: number },
  tally: Tally,
): Promise<void> {
  for (const address of listeningAddresses(pid))
    tally.add(address === LOOPBACK ? null : `listens on ${address}`);
  const own = Object.values(os.networkInterfaces()).flatMap((addresses) => addresses ?? []);
  for (const { address, internal, family } of own) {
    if (internal || address.startsWith("fe80")) continue;
    const { bytes } = await talk({
      port,
      host: address,
      say: (socket) => socket.write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
      withinMs: 1_000,
    });
    tally.add(bytes === 0 ? null : `answers at an address of ${family}`);
  }
}

function listeningAddresses(pid: number): string[] {
  const inodes = new Set(
    fs.readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ["tcp", "tcp6"].flatMap((table) => {
    const rows = fs.existsSync(`/proc/net/${table}`)
      ? fs.readFileSync(`/proc/net/${table}`, "utf8").trim().split("\n")
      : [];
    return rows.slice(1).flatMap((row) => {
      const [, local = "", , state = "", , , , , , inode = ""] = row.trim().split(/\s+/);
      return state === LISTEN && inodes.has(inode) ? [local.split(":")[0] ?? ""] : [];
    });
  });
}
