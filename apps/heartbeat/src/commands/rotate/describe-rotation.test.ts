import { expect, it } from "vitest";
import { describeRotation } from "./describe-rotation.ts";

it("a path that an agent has chosen stays within its line", () => {
  const message = "The token cannot be stored in /configs/\u001b[2J\nb: rotated: it is a directory";
  const clean = "The token cannot be stored in /configs/ b: rotated: it is a directory.";
  expect(describeRotation({ outcome: "rejected", reason: { why: "storage", message } })).toBe(
    `not rotated: a new token could not be stored. ${clean}`,
  );
  expect(describeRotation({ outcome: "failed", message })).toBe(
    `not completed: ${clean} Run it again: it resumes where it stopped.`,
  );
});
