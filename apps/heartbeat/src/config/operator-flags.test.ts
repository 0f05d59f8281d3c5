import { describe, expect, it } from "vitest";
import { problemsOf } from "../../test/support/problems.ts";
import { loadConfig } from "./config.ts";
import { type OperatorFlags, readOperatorFlags } from "./operator-flags.ts";

const problems = (flags: OperatorFlags) => problemsOf(() => readOperatorFlags(flags));

describe("the operator's flags", () => {
  it("default to no port, level info, and a table on a terminal", () => {
    expect(readOperatorFlags({})).toEqual({
      status: null,
      logLevel: "info",
      logFormat: null,
      table: true,
    });
  });

  it("serve the status on loopback by default", () => {
    expect(readOperatorFlags({ statusPort: "9464" }).status).toEqual({ host: "127.0.0.1", port: 9464 });
    expect(readOperatorFlags({ statusPort: "0", statusHost: "::" }).status).toEqual({ host: "::", port: 0 });
    expect(readOperatorFlags({ statusPort: "1", statusHost: "localhost" }).status?.host).toBe("127.0.0.1");
  });

  it("show warnings and errors only, without a table, with --quiet", () => {
    expect(readOperatorFlags({ quiet: true })).toMatchObject({ logLevel: "warn", table: false });
  });

  it.each(["", " 1", "-1", "65536", "1e3", "http"])("reject port %j", async (statusPort) => {
    expect(await problems({ statusPort })).toHaveLength(1);
  });

  it("accept further host names, if they are valid", async () => {
    const statusName = ["Heartbeat.example", "runner"];
    expect(readOperatorFlags({ statusPort: "0", statusName }).status?.names).toEqual([
      "heartbeat.example",
      "runner",
    ]);
    expect(await problems({ statusPort: "0", statusName: ["http://a", "a:80", ""] })).toHaveLength(3);
    expect((await problems({ statusName })).join()).toContain("--status-port");
  });

  it.each(["", "example.org", "127.0.0", "0.0.0.0:80"])("reject host %j", async (statusHost) => {
    expect(await problems({ statusPort: "1", statusHost })).toHaveLength(1);
  });

  it("must be consistent: a host needs a port, --quiet excludes --log-level, a level has a known name", async () => {
    expect((await problems({ statusHost: "::1" })).join()).toContain("--status-port");
    expect((await problems({ quiet: true, logLevel: "debug" })).join()).toContain("contradict");
    expect((await problems({ logLevel: "fatal" })).join()).toContain("trace, debug, info, warn, error");
    expect(await problems({ logFormat: "xml", logLevel: "fatal" })).toHaveLength(2);
  });

  it("are reported together with all other problems", async () => {
    const flags = { statusPort: "x", statusHost: "y", logLevel: "z", interval: "1", workspaceId: "a" };
    await expect(loadConfig(flags, {})).rejects.toThrow(
      /PLATFORM_URL[\s\S]*--interval[\s\S]*--status-port[\s\S]*--status-host[\s\S]*--log-level/,
    );
  });
});
