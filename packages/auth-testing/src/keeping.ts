import { MAX_TOKEN_LENGTH } from "@x/auth-core";
import { ensure, ensureSame } from "./assert.ts";
import { another, type PromiseThat } from "./fixture.ts";

/**
 * Tokens that a storage which parses, coerces, quotes or escapes would change. `checkToken` accepts all of them,
 * because a storage may check.
 */
const LOOK_LIKE_DATA = [
  "1234567890",
  "007",
  "1e3",
  "-0",
  "true",
  "null",
  "undefined",
  "NaN",
  '{"token":"a"',
  "[1,2",
  '"quoted',
  "quoted'",
  'a"b"c',
  "%20%00",
  "\\n\\u0041",
  "a=b;c=d",
  "a b  c   d",
  "__proto__",
  "YWJj+/==",
];

/** Every character that a header can carry. The space is inside, because tokens are trimmed. */
const PRINTABLE = Array.from({ length: 0x7f - 0x21 }, (_, index) => String.fromCharCode(0x21 + index));
const EVERY_CHARACTER = ["!", " ", ...PRINTABLE].join("");

/** A written token is returned unchanged. */
export function keeping(promiseThat: PromiseThat): void {
  promiseThat("is empty at first", async (fixture) => {
    ensureSame(await fixture.storage.read(), null, "reading an empty storage");
    ensureSame(await (await another(fixture)).read(), null, "reading it through another handle");
  });

  promiseThat("returns the written token", async ({ storage }) => {
    await storage.write("a-token-of-one-workspace");
    ensureSame(await storage.read(), "a-token-of-one-workspace", "reading after the write settled");
  });

  promiseThat("returns text that resembles data unchanged", async ({ storage }) => {
    for (const token of LOOK_LIKE_DATA) {
      await storage.write(token);
      ensureSame(await storage.read(), token, "reading after the write settled");
    }
  });

  promiseThat("returns every printable ASCII character", async ({ storage }) => {
    await storage.write(EVERY_CHARACTER);
    ensureSame(await storage.read(), EVERY_CHARACTER, "reading after the write settled");
  });

  promiseThat("returns a single character, and the longest allowed token", async ({ storage }) => {
    for (const token of ["x", `a${"0123456789abcdef".repeat(MAX_TOKEN_LENGTH / 16).slice(2)}z`]) {
      await storage.write(token);
      ensureSame(await storage.read(), token, "reading after the write settled");
    }
  });

  promiseThat("returns the same token on every read", async ({ storage }) => {
    await storage.write("read-me-often");
    for (let time = 1; time <= 3; time += 1) {
      ensureSame(await storage.read(), "read-me-often", `read number ${time}`);
    }
  });

  promiseThat("makes a written token visible to another handle", async (fixture) => {
    const before = await another(fixture);
    await fixture.storage.write("for-everybody");
    ensureSame(await before.read(), "for-everybody", "reading through a handle opened before the write");
    ensureSame(await (await another(fixture)).read(), "for-everybody", "reading through one opened after it");
  });

  promiseThat("has a location that does not contain the token", async ({ storage }) => {
    await storage.write("not-to-be-shown");
    ensure(
      typeof storage.location === "string" && storage.location.trim() !== "",
      "`location` is a text for people",
    );
    ensure(!storage.location.includes("not-to-be-shown"), "`location` does not contain the token");
  });
}
