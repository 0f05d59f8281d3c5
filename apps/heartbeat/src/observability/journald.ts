import { fstatSync } from "node:fs";
import type { Env } from "@x/auth-core";
import type { LogLevel } from "./catalogue/event-kind.ts";

/** Of syslog (RFC 5424). */
const PRIORITIES: Readonly<Record<LogLevel, number>> = { error: 3, warn: 4, info: 6, debug: 7, trace: 7 };

/**
 * Whether an open file is systemd's journal. `JOURNAL_STREAM` says which one is (systemd.exec(5)); what a service starts
 * inherits the variable, and may write elsewhere.
 */
export function isJournal(fd: number, { JOURNAL_STREAM = "" }: Env): boolean {
  const [, device, inode] = /^(\d+):(\d+)$/.exec(JOURNAL_STREAM) ?? [];
  if (device === undefined || inode === undefined) return false;
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return dev === BigInt(device) && ino === BigInt(inode);
  } catch {
    return false;
  }
}

/** Text with a priority in front of each of its lines, which the journal takes away again (sd-daemon(3)). */
export const withPriority = (level: LogLevel, text: string): string =>
  text.replace(/^(?=.)/gm, `<${PRIORITIES[level]}>`);
