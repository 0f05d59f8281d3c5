import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatChange, Inboxes, InboxMemory, readInbox, readInboxes } from "./inbox-lines.ts";
import type { InboxChange } from "./workspace-store.ts";

const row = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
const time = fc.oneof(fc.nat(), fc.double({ min: 0, max: 2 ** 45, noNaN: true }));
const change: fc.Arbitrary<InboxChange> = fc.oneof(
  fc.record({ start: time }),
  fc.record({ cursor: row, at: time }),
  fc.record({ cursor: row }),
  fc.record({ done: row }),
  fc.record({ done: row, said: row }),
  fc.record({ failed: row, count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    answer: fc.record({
      row,
      to: fc.option(row),
      messageId: row,
      inReplyTo: fc.string(),
      text: fc.string({ unit: "grapheme" }),
    }),
  }),
);

const bytesOf = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(""));
const linesOf = (changes: readonly InboxChange[]) => changes.map((each) => JSON.stringify(each));

describe("an inbox's file", () => {
  it("keeps what was written to it, also when carried over to the next file", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const memory = new InboxMemory();
        for (const each of changes) memory.apply(each);
        const expected = memory.loaded();
        expect(readInbox(bytesOf(linesOf(changes))).loaded()).toEqual(expected);
        const carried = readInbox(bytesOf(memory.lines())).loaded();
        expect({
          ...carried,
          failures: new Map(carried.failures),
          answers: new Set(carried.answers),
        }).toEqual({
          ...expected,
          failures: new Map(expected.failures),
          answers: new Set(expected.answers),
        });
      }),
    );
  });

  it("cut anywhere, as by a crash, loses only the line that is cut", () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 10 }), fc.nat(), (changes, at) => {
        const bytes = bytesOf(linesOf(changes));
        const cut = bytes.subarray(0, at % bytes.length);
        const whole = cut.toString("latin1").split("\n").length - 1;
        const atLineEnd = bytes[cut.length] === 0x0a ? 1 : 0;
        const expected = readInbox(bytesOf(linesOf(changes.slice(0, whole + atLineEnd)))).loaded();
        expect({ ...readInbox(cut).loaded(), damagedLines: 0 }).toEqual(expected);
      }),
    );
  });

  it("with foreign content does no harm", () => {
    fc.assert(
      fc.property(fc.array(fc.json()), (lines) => {
        const { done, answers } = readInbox(bytesOf(lines.map((line) => line.replaceAll("\n", "")))).loaded();
        expect([done, answers].flat().every((each) => typeof each === "string" || "row" in each)).toBe(true);
      }),
    );
  });

  it("remembers the newest thousand finished rows", () => {
    const lines = Array.from({ length: 1_500 }, (_, index) => JSON.stringify({ done: `row-${index}` }));
    const { done } = readInbox(bytesOf(lines)).loaded();
    expect([done.length, done[0], done.at(-1)]).toEqual([1_000, "row-500", "row-1499"]);
  });
});

describe("a file that is used for several platforms", () => {
  const [A, B] = ["https://a.example agent-7", "https://b.example agent-7"];
  const answer = { row: "r", to: null, messageId: "m", inReplyTo: "q", text: "for A only" };
  const NOTHING = new InboxMemory().loaded();

  it("gives each its own part, also when carried over to the next file", () => {
    const lines = [
      formatChange({ cursor: "a-1" }, A),
      formatChange({ answer }, A),
      formatChange({ cursor: "b-1" }, B),
      formatChange({ done: "a-0" }, A),
    ];
    for (const written of [lines, readInboxes(bytesOf(lines)).lines()]) {
      const inboxes = readInboxes(bytesOf(written));
      expect(inboxes.of(A).loaded()).toEqual({ ...NOTHING, cursor: "a-1", done: ["a-0"], answers: [answer] });
      expect(inboxes.of(B).loaded()).toEqual({ ...NOTHING, cursor: "b-1" });
      expect(inboxes.of("https://c.example agent-7").loaded()).toEqual(NOTHING);
    }
  });

  it("gives lines without a name to the one named before, else to the first one", () => {
    const old = linesOf([{ cursor: "a-1" }, { answer }]);
    expect(readInboxes(bytesOf(old)).of(A).loaded()).toMatchObject({ cursor: "a-1", answers: [answer] });
    const lines = [...old, formatChange({ done: "a-0" }, A), ...linesOf([{ cursor: "a-2" }])];
    const inboxes = readInboxes(bytesOf([...lines, formatChange({ cursor: "b-1" }, B)]));
    expect(inboxes.of(A).loaded()).toMatchObject({ cursor: "a-2", done: ["a-0"], answers: [answer] });
    expect(inboxes.of(B).loaded()).toEqual({ ...NOTHING, cursor: "b-1" });
  });

  it("keeps those that were used last", () => {
    const inboxes = new Inboxes();
    for (let count = 0; count < 9; count += 1) inboxes.apply({ change: { cursor: "c" }, of: `of ${count}` });
    expect(inboxes.lines().map((line) => JSON.parse(line).of)).toEqual(["of 5", "of 6", "of 7", "of 8"]);
  });
});
