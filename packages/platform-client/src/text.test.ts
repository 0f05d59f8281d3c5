import { queryObjects } from "node:v8";
import { describe, expect, it } from "vitest";
import { printable } from "./text.ts";

const secret = "5f1d0c9ab3e24778aa10bb20cc30dd40ee50ff60718";
const shown = "5f1d… (43 characters)";
const print = (text: string) => printable(text, { secrets: [secret] });

describe("text from the network", () => {
  it("does nothing to a terminal", () => {
    expect(
      printable("a\u001b[2Jb\u001b]0;title\u0007c\u009b31md\u001bMe\r\nf\u0000g\u202eh\u200bi\u00adj"),
    ).toBe("abcde f ghij");
    expect(printable("a\u001b]0;never ended")).toBe("a");
  });

  it("keeps its lines on request", () => {
    expect(printable("a\n\tb\u0007c", { lines: "keep" })).toBe("a\n\tb c");
    expect(printable("a\n\tb", { lines: "join" })).toBe("a b");
  });

  it("is truncated to the given length", () => {
    expect(printable("x".repeat(300))).toHaveLength(200);
    expect(printable("x".repeat(300), { maxLength: 10 })).toBe("xxxxxxxxx…");
  });

  it("does not contain the token in any letter case, percent-encoded, or split", () => {
    expect(print(`bad ${secret}!`)).toBe(`bad ${shown}!`);
    expect(print(`bad ${secret.toUpperCase()}`)).toBe(`bad ${shown}`);
    expect(print(`bad %35${secret.slice(1)}`)).toBe(`bad ${shown}`);
    expect(print(`bad %2535${secret.slice(1)}`)).toBe(`bad ${shown}`);
    expect(print(`bad ${secret.slice(0, 20)}\u001b[0m${secret.slice(20)}`)).toBe(`bad ${shown}`);
    expect(print(`bad ${secret.slice(0, 20)}\u200b${secret.slice(20)}`)).toBe(`bad ${shown}`);
    expect(print(`bad ${secret.slice(0, 20)}\n ${secret.slice(20)}`)).toBe(`bad ${shown}`);
    expect(print(`${secret} and ${secret}`)).toBe(`${shown} and ${shown}`);
  });

  it("does not contain a token that is truncated at the end", () => {
    expect(print(`bad ${secret.slice(0, 30)}`)).toBe(`bad ${shown}`);
    expect(print(`bad ${secret.slice(0, 7)}`)).toBe(`bad ${secret.slice(0, 7)}`);
  });

  it("is handled in time that does not grow with its length", () => {
    const started = performance.now();
    for (const piece of ["x", "\u001b]", "\u200b", "%", "\u001b[", " "]) {
      print(piece.repeat(1_000_000));
    }
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it("keeps nothing else of a long text in memory", () => {
    const heapUsed = () => {
      // Collects what can be collected.
      queryObjects(Object, { format: "count" });
      return process.memoryUsage().heapUsed;
    };
    const before = heapUsed();
    const kept = Array.from({ length: 20 }, (_, index) => print(`${index} ${"no, ".repeat(200_000)}`));
    expect(heapUsed() - before).toBeLessThan(5_000_000);
    expect(kept).toHaveLength(20);
  });
});
