import type { CardMessage } from "../../src/dashboard/messages.ts";
import { statusText } from "../format.ts";

/** A workspace's condition: its status, or a worse problem. */
export interface Condition {
  /** 0 is worst: the order of "problems first". */
  readonly rank: number;
  readonly tone: "bad" | "warn" | "calm" | "good" | "quiet";
  readonly shape: Shape;
  readonly text: string;
}

/** Each tone has a shape, so that it is recognisable without colours. */
export type Shape = "cross" | "square" | "triangle" | "ring" | "bars" | "circle" | "dash";

/** From this rank on, no action is needed. */
const FIRST_WELL_RANK = 5;

const statuses: Readonly<Record<CardMessage["status"], Omit<Condition, "text">>> = {
  offline: { rank: 2, tone: "bad", shape: "square" },
  awaiting_agent: { rank: 3, tone: "bad", shape: "square" },
  degraded: { rank: 4, tone: "warn", shape: "triangle" },
  paused: { rank: 5, tone: "calm", shape: "bars" },
  provisioning: { rank: 6, tone: "calm", shape: "ring" },
  online: { rank: 7, tone: "good", shape: "circle" },
  removed: { rank: 8, tone: "quiet", shape: "dash" },
};

/** A workspace's condition in the table: a rejected token or a failed request takes precedence over its status. */
export function conditionOf({ status, rejections, failing }: CardMessage): Condition {
  if (status === "removed") return { ...statuses.removed, text: "removed" };
  if (rejections > 0) return { rank: 0, tone: "bad", shape: "cross", text: "token rejected" };
  if (failing) return { rank: 1, tone: "bad", shape: "cross", text: failureText(failing) };
  return { ...statuses[status], text: statusText(status) };
}

/** Whether a workspace has a problem. */
export function isProblem(card: CardMessage): boolean {
  return conditionOf(card).rank < FIRST_WELL_RANK;
}

function failureText({ outcome, status }: NonNullable<CardMessage["failing"]>): string {
  switch (outcome) {
    case "reset":
      return "connection cut";
    case "lost":
      return "answers lost";
    case "answered":
      return `answered ${status}`;
    default:
      return "no answer";
  }
}
