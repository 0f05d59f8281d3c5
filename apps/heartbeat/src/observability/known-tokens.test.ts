import { describe, expect, it } from "vitest";
import { createKnownTokens, listed } from "./known-tokens.ts";
import { createLog } from "./logger.ts";

const token = (name: string) => `${name}-0123456789abcdefghijklmnop`;

describe("printed text", () => {
  it("contains no known token, not even another workspace's, and stays one line of JSON", () => {
    const { hide, redact } = createKnownTokens();
    hide("a", ` ${token("first")}\n`);
    hide("b", token("second"));
    const lines: string[] = [];
    const log = createLog({ level: "info", format: "json", runner: null }, (line) =>
      lines.push(redact(line)),
    );
    log.warn(
      { workspace: "b", code: "HEARTBEAT_FAILED" },
      `503 ${token("first")} and "${token("second")}" \u001b[1m`,
    );
    log.warn({ workspace: "b", code: "HEARTBEAT_FAILED" }, `Bearer ${token("unknown")}`);
    expect(lines.join("")).not.toMatch(/0123456789/);
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
      '503 firs… (32 characters) and "seco… (33 characters)" \u001b[1m',
      "Bearer unkn… (34 characters)",
    ]);
  });

  it("is bounded: a line that is too long is cut off", () => {
    const lines: string[] = [];
    createLog({ level: "info", format: "json", runner: null }, (line) => lines.push(line)).info(
      { code: "STATUS" },
      "x".repeat(1_000_000),
    );
    expect(lines[0]?.length).toBeLessThan(10_000);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ code: "STATUS" });
  });

  it("is compared with the newest tokens of a workspace only", () => {
    const { hide, redact } = createKnownTokens();
    for (let rotation = 0; rotation < 100; rotation += 1) hide("a", token(`r${rotation}`));
    hide("b", token("r0"));
    hide("c", "short");
    expect(redact(token("r99"))).not.toContain("0123456789");
    expect(redact(token("r0"))).not.toContain("0123456789");
    expect(redact("a short one")).toBe("a short one");
  });

  it("is compared with a list's tokens, and with those that are still read, however many a workspace receives", () => {
    const { hide, redact } = createKnownTokens();
    const stored = "kept-271828182845904523536028747";
    hide(listed("a"), token("listed"));
    for (let rotation = 0; rotation < 100; rotation += 1) {
      hide("a", token(`r${rotation}`));
      hide("a", stored);
    }
    expect(redact(`${token("listed")} ${stored}`)).not.toMatch(/0123456789|5904523536/);
    for (let rotation = 0; rotation < 10; rotation += 1) hide("a", token(`s${rotation}`));
    expect(redact(stored)).toBe(stored);
  });
});

it("hides an entire token with any characters, and only the token of a pasted header", () => {
  const known = createKnownTokens();
  known.hide("a", "ab:cd=ef,gh:ij=kl");
  expect(known.redact("sent ab:cd=ef,gh:ij=kl")).not.toContain("cd=ef");
  known.hide("b", "Authorization: Bearer s3cr3t-0123456789");
  const text = known.redact("a whole Authorization header: Bearer s3cr3t-0123456789");
  expect(text).toContain("a whole Authorization header");
  expect(text).not.toContain("s3cr3t");
});
