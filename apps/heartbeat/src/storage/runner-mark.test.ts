import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../../test/support/directory.ts";
import { markRunner, type RunnerMark } from "./runner-mark.ts";

function setUp() {
  const directory = temporaryDirectory();
  const root = { configsDir: directory, home: undefined };
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
  const file = join(directory, ".runner.json");
  return {
    at,
    file,
    mark: (mark: RunnerMark) => markRunner({ root, mark }),
    born: (minute: number): RunnerMark => ({
      id: `runner-${minute}`,
      pid: 1,
      host: "here",
      startedAt: at(minute),
      since: at(minute),
    }),
    stored: (): unknown => JSON.parse(readFileSync(file, "utf8")),
  };
}

describe("the mark of runners that were killed one after another", () => {
  it("tells the next one since when they have had the workspaces", () => {
    const { at, mark, born, stored } = setUp();
    for (const minute of [0, 1, 2, 3]) {
      expect(mark(born(minute)).written).toMatchObject({ id: `runner-${minute}`, since: at(0) });
      expect(stored()).toMatchObject({ startedAt: at(minute), since: at(0) });
    }
  });

  it("is forgotten once a runner has lived long enough", () => {
    const { at, mark, born } = setUp();
    mark(born(0));
    const { since: _, ...settled } = born(1);
    mark(born(1));
    expect(mark(settled)).toEqual({ written: settled, other: null });
    expect(mark(born(20)).written?.since).toBe(at(20));
  });

  it("looks back by an hour at most", () => {
    const { at, mark, born } = setUp();
    for (const minute of [0, 30, 59]) mark(born(minute));
    expect(mark(born(90)).written?.since).toBe(at(30));
  });

  it.each([
    ["in the future", "2100-01-01T00:00:00.000Z"],
    ["that is no time", "yesterday"],
    ["that is no text", 7],
  ])("is not believed with a time %s", (_, since) => {
    const { at, file, mark, born } = setUp();
    writeFileSync(file, JSON.stringify({ ...born(0), since }));
    expect(mark(born(1)).written?.since).toBe(at(1));
  });
});

describe("in the place of a mark", () => {
  it.each([
    ["a directory", (file: string, other: string) => [mkdirSync(file), linkSync(other, join(file, "other"))]],
    ["a pipe", (file: string) => execFileSync("mkfifo", [file])],
    ["a symbolic link", (file: string, other: string) => symlinkSync(other, file)],
    ["another name of a file", (file: string, other: string) => linkSync(other, file)],
  ])("%s is replaced, and nothing else is changed: the next runner is noticed", (_, plant) => {
    const { file, mark, born } = setUp();
    const other = join(temporaryDirectory(), "other");
    writeFileSync(other, "as it was");
    plant(file, other);
    expect(mark(born(0))).toEqual({ written: born(0), other: null });
    expect(mark(born(1)).other).toEqual(born(0));
    expect(readFileSync(other, "utf8")).toBe("as it was");
  });
});
