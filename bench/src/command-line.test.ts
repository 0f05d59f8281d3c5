import { expect, it } from "vitest";
import { readCommandLine, SECTION_NAMES, USAGE } from "./command-line.ts";

it("measures everything by default", () => {
  expect(readCommandLine([])).toEqual({ check: false, short: false, only: SECTION_NAMES });
  expect(readCommandLine(["--check", "--only", "save", "--only", "start"])).toEqual({
    check: true,
    short: false,
    only: ["save", "start"],
  });
});

it("prints the usage, with all sections", () => {
  expect(readCommandLine(["--short", "--help"])).toEqual({ help: true });
  for (const name of SECTION_NAMES) expect(USAGE).toContain(name);
});

it.each([
  [["--sections"], "Unknown option '--sections'."],
  [["save"], "Unexpected argument 'save'."],
  [["--only"], "Option '--only <value>' argument missing."],
  [["--only", "speed"], "--only takes one of headers, save, fleet, scale, start, cluster, not speed."],
])("reports what is wrong with %j in one line", (args, problem) => {
  expect(readCommandLine(args)).toEqual({ problem });
});
