import { describeEvent, eventText } from "./describe-event.ts";
import type { EmulatorEvent } from "./events.ts";
import { logfmt } from "./output/logfmt.ts";

export const LOG_FORMATS = ["pretty", "logfmt", "json"] as const;
/** The command's log format: for people, or for programs. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Searchable fields. */
const WARNINGS: readonly EmulatorEvent["type"][] = [
  "unauthorized",
  "offline",
  "degraded",
  "evicted",
  "activity-dropped",
];

/** Formats each event as one line. */
export function logLine(event: EmulatorEvent, format: LogFormat): string {
  if (format === "pretty") return describeEvent(event);
  return structured(
    {
      level: WARNINGS.includes(event.type) ? "warn" : "info",
      at: event.at,
      ...("workspaceId" in event && { workspaceId: event.workspaceId }),
      code: event.type.toUpperCase().replaceAll("-", "_"),
      text: eventText(event),
    },
    format,
  );
}

interface Line {
  readonly level: "info" | "warn";
  /** In ms since 1970. */
  readonly at: number;
  readonly workspaceId?: string;
  readonly code: string;
  readonly text: string;
}

/** With the keys of the runner's log. */
export function structured({ level, at, workspaceId, code, text }: Line, format: "json" | "logfmt"): string {
  const time = new Date(at).toISOString();
  const rest = { ...(workspaceId !== undefined && { workspace_id: workspaceId }), code, msg: text };
  return format === "json" ? JSON.stringify({ level, time, ...rest }) : logfmt({ time, level, ...rest });
}
