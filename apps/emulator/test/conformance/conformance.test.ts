import { describe, expect, it } from "vitest";
import { start } from "../support.ts";
import { matching, readScenarios, replay } from "./replay.ts";

const scenarios = await readScenarios();

describe("the emulator answers as the recorded server did", () => {
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))("%s", async (_name, scenario) => {
    await replay(scenario, await start());
  });
});

it("a recorded answer equals values that vary by their shape, and all others exactly", () => {
  const recorded = matching({ id: "<uuid>", at: "<time>", name: "ws-<uuid>", list: [1, null] });
  const id = "0b0e7a34-7d0f-4b9e-8a36-5d9a3f1d2c4b";
  const got = { id, at: "2026-06-01T00:00:00.123Z", name: `ws-${id}`, list: [1, null] };
  expect(got).toStrictEqual(recorded);
  for (const wrong of [{ id: "atlas" }, { name: `ws-${id}-2` }, { list: [1, 0] }, { more: true }])
    expect({ ...got, ...wrong }).not.toStrictEqual(recorded);
});
