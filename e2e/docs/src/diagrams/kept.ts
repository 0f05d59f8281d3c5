import { arrow, box, frame, picture, words } from "./drawing.ts";

const REPLACED = [
  ["Checked, and in use at once", "printable ASCII, at most 16 KiB"],
  ["Compared with what is stored", "the same: nothing is written"],
  ["Whose it is, noted beside it", "another platform's token is set aside"],
  ["A new file beside it", "0600, random name, must not exist"],
  ["Written to its end, and flushed", "fsync of the file"],
  ["Renamed over .auth_token", "a symbolic link stays one"],
  ["The directory is flushed", "fsync: now it is on the disk"],
] as const;

const IN_PLACE = [
  ["The old token is padded", "with newlines: is there room for the new?"],
  ["One write over it, and flushed", "never truncated first"],
  ["Read back, cut, flushed", ""],
  ["The copy beside it is removed", ""],
] as const;

/** The step that makes the new file, and the one that puts it in place. */
const COPY = 3;
const RENAME = COPY + 2;

const X = 190;
const OTHER = 570;
const WIDTH = 270;
const HEIGHT = 52;
const STEP = 76;
const top = (index: number) => 28 + index * STEP;

function column(steps: readonly (readonly [string, string])[], x: number, first: number): string[] {
  return steps.flatMap(([title, about], index) => {
    const y = top(first + index);
    const drawn = box({ x, y, width: WIDTH, height: HEIGHT }, title, about === "" ? [] : [about]);
    const isLast = index === steps.length - 1;
    const middle = x + WIDTH / 2;
    return isLast ? [drawn] : [drawn, arrow({ x: middle, y: y + HEIGHT }, { x: middle, y: y + STEP - 2 })];
  });
}

/** What a save does, and what is in the file when it is cut short. */
export function kept(): string {
  const end = top(REPLACED.length);
  const middle = X + WIDTH / 2;
  return picture(880, end + 84, "The steps of a save, and what is stored when one of them is the last", [
    ...column(REPLACED, X, 0),
    ...column(IN_PLACE, OTHER, COPY),
    words({ x: 20, y: top(COPY) + 24 }, "Killed here:", { quiet: true }),
    words({ x: 20, y: top(COPY) + 41 }, "the old token, whole", { bold: true }),
    words({ x: 20, y: top(RENAME) + 24 }, "From here on:", { quiet: true }),
    words({ x: 20, y: top(RENAME) + 41 }, "the new token, whole", { bold: true }),
    words({ x: 20, y: top(RENAME + 1) + 24 }, "Power cut from", { quiet: true }),
    words({ x: 20, y: top(RENAME + 1) + 41 }, "here on: the same", { bold: true }),
    frame({ x: OTHER - 14, y: top(COPY) - 34, width: WIDTH + 28, height: 4 * STEP + 24 }),
    words({ x: OTHER, y: top(COPY) - 14 }, "In place, where it cannot be replaced", { bold: true }),
    arrow(
      { x: X + WIDTH, y: top(RENAME) + HEIGHT / 2 },
      { x: OTHER - 50, y: top(RENAME) + HEIGHT / 2 },
      { x: OTHER - 50, y: top(COPY) + HEIGHT / 2 },
      { x: OTHER - 2, y: top(COPY) + HEIGHT / 2 },
    ),
    words({ x: X + WIDTH + 6, y: top(RENAME) + HEIGHT / 2 - 7 }, "EBUSY …", { quiet: true }),
    arrow({ x: middle, y: top(RENAME + 1) + HEIGHT }, { x: middle, y: end - 2 }),
    arrow(
      { x: OTHER + WIDTH / 2, y: top(RENAME + 1) + HEIGHT },
      { x: OTHER + WIDTH / 2, y: end + 23 },
      { x: X + WIDTH + 2, y: end + 23 },
    ),
    box({ x: X, y: end, width: WIDTH, height: 46 }, "saveToken settles", [], "good"),
    words(
      { x: X, y: end + 68 },
      "Whatever fails: the call rejects, the token stays in use in memory, and saving again tries again.",
      {
        quiet: true,
      },
    ),
  ]);
}
