import { describe, expect, it } from "vitest";
import { digits, tableText } from "./format.ts";

describe("figures", () => {
  it("have three significant digits", () => {
    expect([0, 0.0381, 1.234, 45.67, 123.4, 12_345.6, Number.NaN].map(digits)).toEqual([
      "0",
      "0.038",
      "1.23",
      "45.7",
      "123",
      "12,346",
      "–",
    ]);
  });

  it("are in a table that is also Markdown, with this project's rows in bold", () => {
    const rows = [
      { name: "floor", kind: "floor", value: 10, ratio: 1 },
      { name: "ours", kind: "ours", value: 12, ratio: 1.2 },
    ] as const;
    expect(tableText({ id: "t", title: "a job", unit: "ns", against: "floor", rows })).toBe(
      [
        "| a job    |   ns | × floor |",
        "| -------- | ---: | ------: |",
        "| floor    | 10.0 |    1.00 |",
        "| **ours** | 12.0 |    1.20 |",
      ].join("\n"),
    );
  });
});
