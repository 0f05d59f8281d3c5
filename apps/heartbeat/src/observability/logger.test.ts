import { logfmt } from "@x/emulator/output";
import { describe, expect, it } from "vitest";
import type { LogFormat } from "../config/log-flags.ts";
import { LEVELS } from "../config/log-flags.ts";
import { createKnownTokens } from "./known-tokens.ts";
import { createLog, type LogOptions } from "./logger.ts";

function lines(options: Partial<LogOptions> & { readonly format: LogFormat }) {
  const printed: string[] = [];
  const log = createLog({ level: "trace", runner: null, ...options }, (line) => printed.push(line));
  return { log, printed };
}

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/;

describe("a log line", () => {
  it("in JSON has its level by name, its code, its workspace and its text", () => {
    const { log, printed } = lines({ format: "json" });
    log.warn({ workspace: "agent-7", code: "HEARTBEAT_FAILED:ECONNREFUSED" }, 'it said "no"\nand left');
    log.info({ code: "STOPPED" }, "stopped");
    expect(printed.map((line) => JSON.parse(line))).toEqual([
      {
        level: "warn",
        time: expect.stringMatching(TIME),
        workspace_id: "agent-7",
        code: "HEARTBEAT_FAILED:ECONNREFUSED",
        msg: 'it said "no"\nand left',
      },
      { level: "info", time: expect.stringMatching(TIME), code: "STOPPED", msg: "stopped" },
    ]);
  });

  it("in logfmt has the same fields in one line", () => {
    const { log, printed } = lines({ format: "logfmt", runner: "r1" });
    log.error({ workspace: "agent-7", code: "REMOVED" }, 'it said "no"\nand left');
    expect(printed.map((line) => line.replace(TIME, "now"))).toEqual([
      `${logfmt({
        time: "now",
        level: "error",
        runner: "r1",
        workspace_id: "agent-7",
        code: "REMOVED",
        msg: 'it said "no"\nand left',
      })}\n`,
    ]);
    expect(printed[0]?.trim()).not.toContain("\n");
  });

  it("for people has the same fields, without terminal control characters", () => {
    const { log, printed } = lines({ format: "pretty" });
    log.info({ workspace: "agent-7", code: "REGISTERED" }, "registered\u001b[2J\u2067");
    expect(printed[0]).toMatch(/^\[\d\d:\d\d:\d\d\] INFO: agent-7: registered {2}\(REGISTERED\)\n$/);
    const shared = lines({ format: "pretty", runner: "r1" });
    shared.log.info({ workspace: "agent-7", code: "REGISTERED" }, "registered");
    expect(shared.printed[0]).toMatch(/ agent-7: registered \(REGISTERED\) runner r1\n$/);
  });

  it("for people indents the lines of a text, so that none looks like another log line", () => {
    const { log, printed } = lines({ format: "pretty" });
    log.info({ code: "REGISTERED" }, "one\n[10:00:00] ERROR: two");
    expect(printed[0]?.split("\n")[1]).toBe("  [10:00:00] ERROR: two (REGISTERED)");
  });

  it.each(["json", "logfmt", "pretty"] as const)(
    "in %s has its level by name, and is printed from its level up",
    (format) => {
      for (const level of ["trace", "warn"] as const) {
        const { log, printed } = lines({ format, level });
        for (const each of LEVELS) log[each]({ code: "STATUS" }, "x");
        const names = printed.map((line) => /trace|debug|info|warn|error/i.exec(line)?.[0].toLowerCase());
        expect(names).toEqual(LEVELS.slice(LEVELS.indexOf(level)));
      }
    },
  );

  it.each(["logfmt", "pretty"] as const)(
    "in %s has a priority for the journal before each line of its text",
    (format) => {
      const { log, printed } = lines({ format, priorities: true });
      for (const level of LEVELS) log[level]({ code: "STATUS" }, "one\ntwo");
      const each = printed.map((text) => text.trim().split("\n"));
      expect(each.map((parts) => [...new Set(parts.map((line) => line.slice(0, 3)))])).toEqual([
        ["<7>"],
        ["<7>"],
        ["<6>"],
        ["<4>"],
        ["<3>"],
      ]);
    },
  );

  it("in JSON stays JSON with priorities", () => {
    const { log, printed } = lines({ format: "json", priorities: true });
    log.info({ code: "STATUS" }, "x");
    expect(JSON.parse(printed[0] ?? "")).toMatchObject({ level: "info" });
  });

  it.each(["json", "logfmt", "pretty"] as const)("in %s shows no known token, and stays valid", (format) => {
    const token = 'ab"cd=ef gh\\ij-0123456789abcdefghijklmnop'.replace(/[" ]/g, "");
    const { hide, redact } = createKnownTokens();
    hide("agent-7", token);
    const { log, printed } = lines({ format });
    log.error({ workspace: "agent-7", code: "STATUS" }, token);
    log.error({ workspace: "agent-7", code: "STATUS" }, `the platform said "${token}"`);
    for (const line of printed.map(redact)) {
      expect(line).not.toContain("0123456789");
      if (format === "json") expect(JSON.parse(line)).toMatchObject({ code: "STATUS" });
      if (format === "logfmt")
        expect(line).toMatch(/^time=\S+ level=error workspace_id=agent-7 code=STATUS msg=".*"\n$/);
    }
  });
});
