import { describe, expect, it } from "vitest";
import { Recorder } from "./recorder.ts";
import { createRedaction } from "./redact.ts";
import { digest } from "./tokens.ts";

const TOKEN = "A".repeat(43);
const { redact } = createRedaction((hash) => hash === digest(TOKEN).toString("hex"));

describe("the recorder", () => {
  it("keeps the newest 10,000 requests, oldest first", () => {
    const recorder = new Recorder(redact);
    for (let at = 0; at < 12_345; at++) recorder.open({ at, method: "GET", path: "/" }, {}, null);
    const kept = recorder.all();
    expect(kept).toHaveLength(10_000);
    expect([kept[0]?.at, kept.at(-1)?.at]).toEqual([2_345, 12_344]);
  });

  it("keeps fewer if they are large, and still the newest", () => {
    const recorder = new Recorder(redact);
    for (let at = 0; at < 112; at++) {
      const record = recorder.open({ at, method: "POST", path: "/" }, {}, null);
      // Two bytes each.
      if (at < 12) recorder.body(record, "é".repeat(2 * 1024 * 1024));
    }
    const kept = recorder.all();
    expect(kept).toHaveLength(107);
    expect([kept[0]?.at, kept.at(-1)?.at]).toEqual([5, 111]);
  });

  it("does not count the body of a request that was evicted before the body arrived", () => {
    const recorder = new Recorder(redact);
    const early = recorder.open({ at: 0, method: "POST", path: "/" }, {}, null);
    for (let at = 1; at <= 10_000; at++) recorder.open({ at, method: "GET", path: "/" }, {}, null);
    for (let times = 0; times < 100; times++) recorder.body(early, "x".repeat(1024 * 1024));
    expect(recorder.all()).toHaveLength(10_000);
  });

  it("returns copies, which later changes do not affect", () => {
    const recorder = new Recorder(redact);
    const record = recorder.open({ at: 0, method: "GET", path: "/" }, {}, null);
    const before = recorder.all();
    record.status = 200;
    expect([before[0]?.status, recorder.all()[0]?.status]).toEqual([null, 200]);
  });
});

describe("redaction", () => {
  it("hides a token wherever it stands alone, but not similar text", () => {
    const other = "B".repeat(43);
    expect(redact({ a: [`<${TOKEN}>`, other, `${TOKEN}A`], [TOKEN]: 1 })).toEqual({
      a: ["<[redacted]>", other, `${TOKEN}A`],
      "[redacted]": 1,
    });
  });

  it("hides all values of secret-sounding names", () => {
    expect(
      redact({ auth_token: "x", client: { apiKey: "y", note: "z" }, secrets: ["s"], empty_token: "" }),
    ).toEqual({
      auth_token: "[redacted]",
      client: { apiKey: "[redacted]", note: "z" },
      secrets: ["[redacted]"],
      empty_token: "",
    });
  });
});
