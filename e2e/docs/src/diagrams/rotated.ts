import { arrow, box, line, picture, words } from "./drawing.ts";

const X = { process: 130, platform: 450, file: 770 } as const;
type Who = keyof typeof X;

type Step =
  | {
      readonly from: Who;
      readonly to: Who;
      readonly says: string;
      readonly answer?: string;
      readonly bad?: boolean;
    }
  | { readonly at: Who; readonly does: string };

const STEPS: readonly Step[] = [
  { from: "process", to: "platform", says: "heartbeat, with token A", answer: "200" },
  { at: "platform", does: "revokes A, issues B" },
  { from: "process", to: "platform", says: "heartbeat, with token A", answer: "401", bad: true },
  { at: "process", does: "rejects A, asks again: still A" },
  { from: "platform", to: "file", says: "writes B" },
  { from: "process", to: "platform", says: "the next one, with token A", answer: "401", bad: true },
  { from: "process", to: "file", says: "rejects A, asks again: B" },
  { from: "process", to: "platform", says: "the same one, with token B", answer: "200" },
];

const TOP = 84;
const STEP = 50;

/** What happens between a rotation and the next accepted request. */
export function rotated(): string {
  const heads = { process: "Your process", platform: "The platform", file: ".auth_token" };
  const height = TOP + STEPS.length * STEP + 16;
  return picture(900, height, "A token is rotated, and one heartbeat later the new one is in use", [
    ...Object.entries(X).map(
      ([who, x]) => line({ x, y: 56 }, { x, y: height - 16 }) + heading(heads[who as Who], x),
    ),
    ...STEPS.map((step, index) => draw(step, TOP + index * STEP)),
  ]);
}

const heading = (title: string, x: number) => box({ x: x - 80, y: 20, width: 160, height: 36 }, title);

function draw(step: Step, y: number): string {
  if ("at" in step) {
    const width = 220;
    return box({ x: X[step.at] - width / 2, y: y - 2, width, height: 30 }, step.does);
  }
  const { from, to, says, answer, bad } = step;
  const start = { x: X[from], y: y + 10 };
  const end = { x: X[to] + (X[to] > X[from] ? -2 : 2), y: y + 10 };
  const parts = [arrow(start, end), words({ x: X[from] + 12, y: y + 4 }, says)];
  if (answer !== undefined) {
    const area = { x: X[to] + 12, y: y - 4, width: 48, height: 26 };
    parts.push(box(area, answer, [], bad ? "bad" : "good"));
  }
  return parts.join("\n");
}
