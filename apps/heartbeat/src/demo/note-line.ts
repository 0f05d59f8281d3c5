import { logLine } from "../worker/log-lines.ts";
import type { Notice } from "../worker/notices.ts";

/** What the story tells of a notice beside its own lines; `null`: nothing. Beats are told by their number. */
export function noteLine(notice: Notice): string | null {
  return logLine(notice).level === "debug" ? null : logLine(notice).text;
}
