import { ensureOneOf, ensureSame } from "./assert.ts";
import { another, type PromiseThat } from "./fixture.ts";
import { breathe } from "./waiting.ts";

const SHORT = "short";
const LONG = "long-".repeat(2_000);

/** How many writes run concurrently, and how many run in sequence while another handle reads. */
const WRITERS = 16;
const REPLACEMENTS = 40;

/** Tokens of very different lengths, each of a single repeated character, so that mixtures are detected. */
function tokensToTell(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const length = index % 2 === 0 ? 43 : 9_000;
    return `${index}-${String.fromCharCode(97 + (index % 26)).repeat(length)}-${index}`;
  });
}

/** Readers see the old token or the new one, and nothing else. */
export function replacing(promiseThat: PromiseThat): void {
  promiseThat("replaces a longer token with a shorter one", async ({ storage }) => {
    await storage.write(LONG);
    await storage.write(SHORT);
    ensureSame(await storage.read(), SHORT, "reading after the second write");
  });

  promiseThat("replaces a shorter token with a longer one", async ({ storage }) => {
    await storage.write(SHORT);
    await storage.write(LONG);
    ensureSame(await storage.read(), LONG, "reading after the second write");
  });

  promiseThat("accepts the same token twice", async ({ storage }) => {
    await storage.write(SHORT);
    await storage.write(SHORT);
    ensureSame(await storage.read(), SHORT, "reading after the second write");
  });

  promiseThat("keeps the last written token, whichever handle wrote it", async (fixture) => {
    const { storage } = fixture;
    const other = await another(fixture);
    const turns = [storage, other, storage, storage, other];
    for (const [turn, writer] of turns.entries()) {
      await writer.write(`turn-${turn}`);
      ensureSame(await storage.read(), `turn-${turn}`, "reading through the first handle");
      ensureSame(await other.read(), `turn-${turn}`, "reading through the other handle");
    }
  });

  promiseThat("returns a new token to a read that began after it was written", async (fixture) => {
    const { storage } = fixture;
    const other = await another(fixture);
    await storage.write("older");
    for (let round = 0; round < 10; round += 1) {
      // It may return either token; the next one may not join it.
      const early = (async () => storage.read())();
      await other.write(`newer-${round}`);
      ensureSame(await storage.read(), `newer-${round}`, "reading while an earlier read is in flight");
      await early;
    }
  });

  promiseThat("ends concurrent writes with one complete token", async (fixture) => {
    const { storage } = fixture;
    const other = await another(fixture);
    const tokens = tokensToTell(WRITERS);
    await Promise.all(tokens.map(async (token, index) => (index % 3 === 0 ? other : storage).write(token)));
    const ended = await storage.read();
    ensureOneOf(ended, tokens, "reading after all writes settled");
    ensureSame(await other.read(), ended, "reading through the other handle");
  });

  promiseThat("never shows a partial or missing token during a replacement", async (fixture) => {
    const { storage } = fixture;
    const other = await another(fixture);
    const tokens = tokensToTell(REPLACEMENTS);
    await other.write(tokens[0] ?? SHORT);
    let writing = true;
    const writes = (async () => {
      for (const token of tokens) await other.write(token);
    })().finally(() => {
      writing = false;
    });
    // Awaited at the end; an earlier rejection must not count as unhandled.
    writes.catch(() => {});
    // Bounded, because without a timer these reads alone could starve the writes.
    for (let round = 0; writing && round < 10_000; round += 1) {
      // Several concurrent reads, so that some begin during a write.
      const seen = await Promise.all([storage.read(), storage.read(), storage.read()]);
      for (const text of seen) ensureOneOf(text, tokens, "reading while another handle writes");
      await breathe();
    }
    await writes;
    ensureSame(await storage.read(), tokens.at(-1) ?? SHORT, "reading after the last write");
  });
}
