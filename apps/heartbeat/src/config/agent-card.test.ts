import { describe, expect, it } from "vitest";
import { readAgentCard } from "./agent-card.ts";

const cardOf = (text: string) => () => readAgentCard("card.json", {}, { text: () => text }).cardOf("agent");

const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

describe("an agent card from a file", () => {
  it("is any JSON object, a field called __proto__ included", () => {
    expect(JSON.stringify(cardOf('{"name":"Seven","__proto__":{"a":1}}')())).toBe(
      '{"name":"Seven","__proto__":{"a":1}}',
    );
    expect(JSON.stringify(cardOf(nested(100))())).toBe(nested(100));
  });

  it.each([
    ["is not JSON", "{name", "not valid JSON"],
    ["is not an object", "[1]", "not a JSON object"],
    ["is nested too deep to send", nested(101), "deeper than 100 levels"],
    ["is nested too deep to serialize", nested(20_000), "deeper than 100 levels"],
    ["holds a NUL, which the platform always answers with 500", '{"a":["x\\u0000"]}', "NUL"],
    ["holds a NUL in a name", '{"a":{"\\u0000":1}}', "NUL"],
  ])("that %s is rejected with the reason", (_what, text, why) => {
    expect(cardOf(text)).toThrow(why);
  });
});
