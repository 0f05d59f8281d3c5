import { Readable } from "node:stream";
import fc from "fast-check";
import { expect, it } from "vitest";
import { redactStream } from "./redact-stream.ts";

/** Few letters, so that partial matches of the token are frequent. */
const letters = fc.constantFrom("a", "b");
const text = (maxLength: number) => fc.string({ unit: letters, maxLength });

it("redacts the same text however the stream is split", async () => {
  const token = fc.string({ unit: letters, minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(token, fc.array(text(12)), async (needle, parts) => {
      const shown: Buffer[] = [];
      const stream = Readable.from(parts.map((part) => Buffer.from(part))).pipe(redactStream(needle));
      for await (const chunk of stream) shown.push(chunk);
      expect(Buffer.concat(shown).toString()).toBe(
        parts.join("").replaceAll(needle, "*".repeat(needle.length)),
      );
    }),
  );
});

it("holds back only a possible beginning of the token", async () => {
  await fc.assert(
    fc.asyncProperty(text(30), async (part) => {
      const stream = redactStream("aabaab");
      let shown = "";
      stream.on("data", (chunk: Buffer) => {
        shown += chunk.toString();
      });
      await new Promise((resolve) => stream.write(part, resolve));
      const redacted = part.replaceAll("aabaab", "******");
      const held = redacted.slice(shown.length);
      expect("aabaab".startsWith(held) && redacted.startsWith(shown)).toBe(true);
      stream.destroy();
    }),
  );
});

it("does not modify its input", async () => {
  const given = Buffer.from("a token");
  for await (const chunk of Readable.from([given]).pipe(redactStream("token"))) {
    expect(String(chunk)).toBe("a *****");
  }
  expect(String(given)).toBe("a token");
});

it("redacts several tokens", async () => {
  let shown = "";
  for await (const chunk of Readable.from(
    ["ol", "d ne", "w", " old", "e"].map((part) => Buffer.from(part)),
  ).pipe(redactStream("old", "new")))
    shown += chunk;
  expect(shown).toBe("*** *** ***e");
});
