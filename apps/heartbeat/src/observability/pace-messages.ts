import type { PaceEvent } from "../fleet/pacer.ts";
import { codeOf } from "./catalogue/catalogue.ts";
import type { LogRecord } from "./log-message.ts";

/** The log message for a rate limit that is too low for the fleet. */
export function paceMessage(event: PaceEvent): LogRecord {
  const { platformOrigin, workspaces, intervalMs, wanted, limit, heartbeatMs, inboxFactor } = event;
  const figures =
    `${platformOrigin} allows ${Math.floor(limit)} requests a minute; ` +
    `${workspaces === 1 ? "one workspace" : `${workspaces} workspaces`} with a heartbeat every ${seconds(intervalMs)} need ${Math.ceil(wanted)}`;
  const code = codeOf(event.type);
  if (event.type === "rate-limit-too-low") {
    return {
      level: "error",
      code,
      text:
        `${figures}. Even heartbeats alone fit only every ${Math.ceil(heartbeatMs / 1_000)} s, but the platform waits only 180 s: workspaces ` +
        "will go offline. Have the limit raised, or run fewer workspaces under it.",
    };
  }
  const slower = [
    heartbeatMs > intervalMs ? `heartbeats every ${seconds(heartbeatMs)}` : "heartbeats on time",
    ...(inboxFactor >= 1.05 ? [`inboxes checked ${inboxFactor.toFixed(1)} times less often`] : []),
    "other requests less often",
  ];
  return { level: "warn", code, text: `${figures}. Result: ${slower.join(", ")}. Have the limit raised.` };
}

const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;
