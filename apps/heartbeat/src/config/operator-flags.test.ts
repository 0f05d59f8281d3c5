import { describe, expect, it } from "vitest";
import { loadConfig } from "./config.ts";
import { type OperatorFlags, readOperatorFlags } from "./operator-flags.ts";
import { ConfigError } from "./problems.ts";

function problems(flags: OperatorFlags): readonly string[] {
  try {
    readOperatorFlags(flags);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("what an operator can ask for", () => {
  it("is nothing by default: no port, info, a table where there is a terminal", () => {
    expect(readOperatorFlags({})).toEqual({
      status: null,
      logLevel: "info",
      logFormat: null,
      table: true,
    });
  });

  it("serves the status on loopback by default", () => {
    expect(readOperatorFlags({ statusPort: "9464" }).status).toEqual({ host: "127.0.0.1", port: 9464 });
    expect(readOperatorFlags({ statusPort: "0", statusHost: "::" }).status).toEqual({ host: "::", port: 0 });
    expect(readOperatorFlags({ statusPort: "1", statusHost: "localhost" }).status?.host).toBe("127.0.0.1");
  });

  it("is warnings and errors only, and no table, with --quiet", () => {
    expect(readOperatorFlags({ quiet: true })).toMatchObject({ logLevel: "warn", table: false });
  });

  it.each(["", " 1", "-1", "65536", "1e3", "http"])("does not serve on port %j", (statusPort) => {
    expect(problems({ statusPort })).toHaveLength(1);
  });

  it("answers under further names, if they are names", () => {
    const statusName = ["Heartbeat.example", "runner"];
    expect(readOperatorFlags({ statusPort: "0", statusName }).status?.names).toEqual([
      "heartbeat.example",
      "runner",
    ]);
    expect(problems({ statusPort: "0", statusName: ["http://a", "a:80", ""] })).toHaveLength(3);
    expect(problems({ statusName }).join()).toContain("--status-port");
  });

  it.each(["", "example.org", "127.0.0", "0.0.0.0:80"])("does not serve on host %j", (statusHost) => {
    expect(problems({ statusPort: "1", statusHost })).toHaveLength(1);
  });

  it("must make sense: a host needs a port, quiet is a log level, a level has a known name", () => {
    expect(problems({ statusHost: "::1" }).join()).toContain("--status-port");
    expect(problems({ quiet: true, logLevel: "debug" }).join()).toContain("contradict");
    expect(problems({ logLevel: "fatal" }).join()).toContain("trace, debug, info, warn, error");
    expect(problems({ logFormat: "xml", logLevel: "fatal" })).toHaveLength(2);
  });

  it("reports its problems together with all others", async () => {
    const flags = { statusPort: "x", statusHost: "y", logLevel: "z", interval: "1", workspaceId: "a" };
    await expect(loadConfig(flags, {})).rejects.toThrow(
      /PLATFORM_URL[\s\S]*--interval[\s\S]*--status-port[\s\S]*--status-host[\s\S]*--log-level/,
    );
  });
});
