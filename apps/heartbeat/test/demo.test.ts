import { expect, it } from "vitest";
import { heartbeat } from "./processes.ts";

it("the demo runs in under 20 s, prints a summary, and exits with 0", async () => {
  const started = performance.now();
  const demo = heartbeat(["demo", "--once"], {});
  expect(await demo.ended).toBe(0);
  expect(performance.now() - started).toBeLessThan(20_000);
  expect(demo.output()).toMatch(/^The platform is at http:\/\/127\.0\.0\.1:\d+/);
  expect(demo.output()).toMatch(/All \d+ checks passed\./);
  expect(demo.output()).toMatch(
    /heartbeat rotate: comet .*[\s\S]*comet: rotated: .*[\s\S]*repeated at once with the new one/,
  );
  expect(demo.output()).not.toContain("✗");
});

it("the demo runs until a signal ends it, and leaves nothing behind", async () => {
  const demo = heartbeat(["demo"], {});
  await demo.printed(/keep sending heartbeats/);
  expect(await demo.stop("SIGINT")).toBe(0);
});

it("a demo that is stopped before its end has no failed check", async () => {
  const demo = heartbeat(["demo"], {});
  await demo.printed(/1\. Three workspaces/);
  expect(await demo.stop("SIGINT")).toBe(0);
  expect(demo.output()).toMatch(/\nStopped before the end\.\n$/);
  expect(demo.output()).not.toContain("✗");
});
