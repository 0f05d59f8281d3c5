import { expect, it } from "vitest";
import { heartbeat } from "./processes.ts";

it("the demo with three machines moves one machine's workspaces, ends on its own, and exits with 0", async () => {
  const demo = heartbeat(["demo", "--machines", "3"], {});
  const code = await demo.ended;
  expect(demo.output()).toMatch(/All \d+ checks passed\./);
  expect(code).toBe(0);
}, 180_000);

it("the demo rejects an invalid number of machines", async () => {
  const demo = heartbeat(["demo", "--machines", "one"], {});
  expect(await demo.ended).toBe(2);
});
