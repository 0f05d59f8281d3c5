import { ensure, ensureSame } from "./assert.ts";
import { another, type PromiseThat } from "./fixture.ts";

/** Origins that a storage which sanitizes, shortens or parses its keys would confuse. */
const ORIGINS = [
  "https://platform.example",
  "http://platform.example",
  "https://platform.example:8443",
  "https://platform.example8443",
  "https://platform-example",
  "https://platform.example.com",
  "https://platform",
  "https://xn--platform-9za.example",
  "http://127.0.0.1:8443",
  "http://[::1]:8443",
] as const;
const [FIRST, SECOND] = ORIGINS;

/** A storage that holds tokens for several platforms never confuses them. */
export function separating(promiseThat: PromiseThat): void {
  promiseThat("keeps the tokens of platforms apart (if it tells them apart)", async (fixture) => {
    const { storage } = fixture;
    await storage.write("for-the-first", { platformOrigin: FIRST });
    if ((await storage.read({ platformOrigin: SECOND })) !== null) return;
    const other = await another(fixture);
    const expectAll = async (tokens: readonly (string | null)[], when: string) => {
      for (const [index, platformOrigin] of ORIGINS.entries()) {
        ensureSame(
          await other.read({ platformOrigin }),
          tokens[index] ?? null,
          `reading for ${platformOrigin} ${when}`,
        );
      }
    };
    const tokens: (string | null)[] = ["for-the-first"];
    await expectAll(tokens, "before it was written");
    for (const [index, platformOrigin] of ORIGINS.entries()) {
      tokens[index] = `token-${index}`;
      await storage.write(`token-${index}`, { platformOrigin });
    }
    await expectAll(tokens, "after each was written");
    if (storage.replace !== undefined) {
      const replaced = await storage.replace("token-0", "new", { platformOrigin: SECOND });
      ensure(replaced === false, "replacing another platform's token returns false");
      await expectAll(tokens, "after another one's was expected");
    }
    if (storage.remove === undefined) return;
    await storage.remove({ platformOrigin: SECOND });
    tokens[1] = null;
    await expectAll(tokens, "after the second one's was removed");
  });
}
