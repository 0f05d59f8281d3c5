import { cleanText } from "./clean-text.ts";
import { type Row, urgency } from "./rank.ts";
import { stateOf } from "./workspace-states.ts";

export interface Cell {
  readonly text: string;
  readonly style?: "green" | "yellow" | "red" | "dim";
}

export interface Column {
  readonly title: string;
  /** Includes two spaces after it. */
  readonly width: number;
  readonly align: "left" | "right";
  cell(row: Row, now: number): Cell;
}

const GAP = 2;
const MIN_ID_WIDTH = 16;
/** Narrower than this, a reason is useless. */
const MIN_WHY_WIDTH = 14;
const MAX_WHY_WIDTH = 80;

const STATE: Column = {
  title: "state",
  width: 11 + GAP,
  align: "left",
  cell: (row) => ({ text: stateOf(row), style: styleOf(row) }),
};

/** In the order in which they are dropped when the terminal is too narrow. */
const DETAILS: readonly Column[] = [
  {
    title: "errors",
    width: 6 + GAP,
    align: "right",
    cell: ({ errorRate }) => ({
      text: `${Math.round(errorRate * 100)} %`,
      ...(errorRate > 0 && { style: "yellow" }),
    }),
  },
  {
    title: "latency",
    width: 8 + GAP,
    align: "right",
    cell: ({ latencyMs }) => ({ text: latencyMs === null ? "" : `${Math.round(latencyMs)} ms` }),
  },
  {
    title: "next",
    width: 6 + GAP,
    align: "right",
    cell: ({ dueInMs }) => ({ text: dueInMs === null ? "waits" : duration(dueInMs) }),
  },
  {
    title: "heartbeat",
    width: 9 + GAP,
    align: "right",
    cell: ({ lastHeartbeatAt }, now) => ({
      text: lastHeartbeatAt === null ? "never" : `${duration(Math.max(0, now - lastHeartbeatAt))} ago`,
    }),
  },
];

const ORDER = ["heartbeat", "latency", "errors", "next"];

/**
 * The columns that fit next to each other, the workspace's id first. The reason of a failure gets the remaining width.
 */
export function chooseColumns(rows: readonly Row[], columns: number): Column[] {
  const longestId = rows.reduce((longest, { id }) => Math.max(longest, id.length), "workspace".length) + GAP;
  const details = [...DETAILS];
  const taken = () => details.reduce((sum, { width }) => sum + width, STATE.width);
  while (details.length > 0 && columns - taken() < Math.min(longestId, MIN_ID_WIDTH)) details.shift();
  const idWidth = Math.max(1 + GAP, Math.min(longestId, columns - taken()));
  const left = columns - taken() - idWidth;
  return [
    { title: "workspace", width: idWidth, align: "left", cell: ({ id }) => ({ text: id }) },
    ...(idWidth + STATE.width <= columns ? [STATE] : []),
    ...details.sort((a, b) => ORDER.indexOf(a.title) - ORDER.indexOf(b.title)),
    ...(left < MIN_WHY_WIDTH ? [] : [why(Math.min(left, MAX_WHY_WIDTH))]),
  ];
}

function why(width: number): Column {
  const cell = ({ failure, unsaved }: Row): Cell => {
    const problems = [unsaved ? "its token could not be stored" : "", failure ?? ""]
      .filter(Boolean)
      .join("; ");
    return {
      text: cleanText(problems, "one-line"),
      ...(problems !== "" && { style: unsaved ? "red" : "dim" }),
    };
  };
  return { title: "", width, align: "left", cell };
}

function styleOf(row: Row): NonNullable<Cell["style"]> {
  const level = urgency(row);
  return level === 0 ? "green" : level < 3 ? "yellow" : "red";
}

function duration(ms: number): string {
  if (ms < 99_500) return `${Math.round(ms / 1000)} s`;
  return ms < 5_940_000 ? `${Math.round(ms / 60_000)} m` : `${Math.round(ms / 3_600_000)} h`;
}
