import { describe, expect, it } from "vitest";
import { start } from "../support.ts";
import { difference } from "./compare.ts";
import { readScenarios, replay } from "./replay.ts";

const scenarios = await readScenarios();

describe("the emulator answers as the recorded server did", () => {
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))("%s", async (_name, scenario) => {
    expect(await replay(scenario, await start())).toEqual([]);
  });
});

describe("the comparison", () => {
  it("compares varying values by their shape, and all others exactly", () => {
    const recorded = { id: "<uuid>", at: "<time>", name: "ws-<uuid>", list: [1, null], hint_snippet: "x" };
    const id = "0b0e7a34-7d0f-4b9e-8a36-5d9a3f1d2c4b";
    const got = { id, at: "2026-06-01T00:00:00.123Z", name: `ws-${id}`, list: [1, null] };
    expect(difference(got, recorded)).toEqual([]);
    const wrong = { ...got, id: "atlas", list: [1, 0], more: true };
    expect(difference(wrong, recorded)).toEqual([
      'body.id is "atlas", not "<uuid>"',
      "body.list.1 is 0, not null",
      "body.more is true, and was not there",
    ]);
  });

  it("distinguishes null from missing, and a number from its string", () => {
    expect(difference({ a: null }, {})).toEqual(["body.a is null, and was not there"]);
    expect(difference({}, { a: null })).toEqual(["body.a is missing"]);
    expect(difference({ a: "1" }, { a: 1 })).toEqual(['body.a is "1", not 1']);
  });
});
