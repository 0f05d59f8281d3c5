import { arrow, box, frame, picture, words } from "./drawing.ts";

const SOURCES = [
  ["The workspace's own", "registerWorkspaceToken(id, token)"],
  ["The cache", "until refreshed, saved over, or rejected"],
  ["Issued, not stored yet", "in memory: perhaps the only copy"],
  ["The storage", "the file .auth_token, or your own"],
  ["The fallbacks", "MOLECULE_WORKSPACE_TOKEN, or your own"],
] as const;

const CHOICE = [
  "Never another platform's. Of the rest,",
  "the first that was not rejected. If all",
  "were: the one rejected least often.",
] as const;

const LEFT = 40;
const WIDTH = 280;
const HEIGHT = 54;
const STEP = 84;
const top = (index: number) => 32 + index * STEP;
const middle = LEFT + WIDTH / 2;
const RIGHT = 620;

/** Which source a token comes from. */
export function found(): string {
  const last = SOURCES.length;
  return picture(880, 510, "The sources of a token, asked one after the other", [
    ...SOURCES.map(([title, about], index) =>
      box({ x: LEFT, y: top(index), width: WIDTH, height: HEIGHT }, title, [about]),
    ),
    box({ x: LEFT, y: top(last), width: WIDTH, height: 46 }, "No token", [
      "no error: it may register without one",
    ]),
    ...Array.from({ length: last }, (_, index) => [
      arrow({ x: middle, y: top(index) + HEIGHT }, { x: middle, y: top(index + 1) - 2 }),
      words({ x: middle + 8, y: top(index) + HEIGHT + 19 }, index === 0 ? "no id, or none for it" : "none", {
        quiet: true,
      }),
    ]).flat(),
    frame({ x: LEFT - 16, y: top(2) - 12, width: WIDTH + 32, height: 2 * STEP + HEIGHT + 24 }),
    ...CHOICE.map((line, index) =>
      words({ x: LEFT + WIDTH + 28, y: top(3) - 25 + 17 * index }, line, { quiet: true }),
    ),
    box(
      { x: RIGHT, y: top(0), width: 230, height: HEIGHT },
      "Authorization: Bearer …",
      ["on this request"],
      "good",
    ),
    box(
      { x: RIGHT, y: top(3), width: 230, height: HEIGHT },
      "In use, and cached",
      ["the next request asks no source"],
      "good",
    ),
    arrow({ x: LEFT + WIDTH, y: top(0) + HEIGHT / 2 }, { x: RIGHT - 2, y: top(0) + HEIGHT / 2 }),
    arrow(
      { x: LEFT + WIDTH, y: top(1) + HEIGHT / 2 },
      { x: RIGHT + 40, y: top(1) + HEIGHT / 2 },
      { x: RIGHT + 40, y: top(0) + HEIGHT + 2 },
    ),
    arrow({ x: LEFT + WIDTH + 16, y: top(3) + 40 }, { x: RIGHT - 2, y: top(3) + 40 }),
    arrow({ x: RIGHT + 200, y: top(3) }, { x: RIGHT + 200, y: top(0) + HEIGHT + 2 }),
  ]);
}
