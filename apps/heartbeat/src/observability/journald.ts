import { fstatSync } from "node:fs";
import type { Env } from "@x/auth-core";
import type { LogLevel } from "../config/log-flags.ts";

/** Severities of syslog (RFC 5424). */
const PRIORITIES: Readonly<Record<LogLevel, number>> = { error: 3, warn: 4, info: 6, debug: 7, trace: 7 };

/**
 * Whether an open file is systemd's journal. `JOURNAL_STREAM` identifies the journal (systemd.exec(5)); a service's
 * child processes inherit the variable, but may write elsewhere.
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

/** Prefixes each line of a text with a priority, which the journal removes (sd-daemon(3)). */
export const withPriority = (level: LogLevel, text: string): string =>
  text.replace(/^(?=.)/gm, `<${PRIORITIES[level]}>`);
