import fc, { type Arbitrary } from "fast-check";

const from = (characters: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength });

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const ID = "abcdefghijklmnopqrstuvwxyz0123456789-";
const PRINTABLE = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index)).join("");

/** Tokens as the platform issues them, and others that are valid in a header. */
export const tokens: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: from(BASE64URL, 43, 43) },
  { weight: 2, arbitrary: from(PRINTABLE, 1, 80) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(1_500, 4_097, 16_384)
      .map((length) => "Tk".repeat(length / 2 + 1).slice(0, length)),
  },
);

export const ids: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(from(ID.slice(0, -1), 1, 1), from(ID, 0, 20)).map(([a, b]) => a + b) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("a", "0", "agent-7", "a".repeat(128), "proto", "constructor", "tostring"),
  },
  { weight: 1, arbitrary: fc.uuid() },
);

export const orgIds: Arbitrary<string> = from(PRINTABLE.slice(1), 1, 128);

const hosts = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
  fc.constantFrom("localhost", "PLATFORM.example", "bücher.example", "xn--bcher-kva.example"),
);

/** @param own an origin that may receive requests */
export function platformUrls(own: string): Arbitrary<string> {
  const authority = fc
    .tuple(hosts, fc.option(fc.integer({ min: 0, max: 70_000 }), { freq: 4 }))
    .map(([host, port]) => (port === null ? host : `${host}:${port}`));
  const base = fc.oneof(
    { weight: 1, arbitrary: fc.constant(own) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom("http", "https", "HTTPS"), authority)
        .map(([scheme, rest]) => `${scheme}://${rest}`),
    },
  );
  const path = fc.oneof(
    fc.constant(""),
    fc.constant("/"),
    fc.webPath(),
    fc.constantFrom("/base", "/a/../b//", "/%0d%0a/"),
  );
  return fc.tuple(base, path).map(([left, right]) => left + right);
}

/** With components that it must not have: a user name, a password, a query or a fragment. */
export const furnishedUrls: Arbitrary<string> = fc
  .tuple(
    hosts,
    fc.constantFrom("user@", "user:PASSWORD-IN-A-URL@", ":@", "@", "a:b@c:d@"),
    fc.constantFrom("", "?a=SECRET-IN-A-QUERY", "#f"),
  )
  .map(([host, user, rest]) => `https://${user}${host}/${rest}`);
