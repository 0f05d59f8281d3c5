import fc, { type Arbitrary } from "fast-check";
import { mutated } from "./text.ts";

const deep = fc
  .tuple(
    fc.constantFrom("[", '{"a":', '[{"__proto__":'),
    fc.constantFrom(10, 1_000, 3_000, 20_000),
    fc.boolean(),
  )
  .map(([open, depth, isClosed]) => {
    if (!isClosed) return open.repeat(depth);
    const ends = [...open].reverse().flatMap((sign) => (sign === "[" ? ["]"] : sign === "{" ? ["}"] : []));
    return open.repeat(depth) + 1 + ends.join("").repeat(depth);
  });

const names = fc.oneof(
  fc.constantFrom(
    "__proto__",
    "constructor",
    "toString",
    "id",
    "token",
    "platform_url",
    "platformUrl",
    "status",
    "length",
  ),
  fc.string({ maxLength: 6 }),
);

/** Any value that JSON knows, with names that mean something to JavaScript among those of its members. */
export const anything: Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, -1, 1e308, 2 ** 53, "", "a"),
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie("value")), { maxLength: 4 }).map((members) => Object.fromEntries(members)),
  ),
})).value;

/** JSON of such values; the same with something done to the text; far too deep; and what only looks like JSON. */
export function hostileJson(values: Arbitrary<unknown>): Arbitrary<string> {
  const json = values.map(asJson);
  return fc.oneof(
    { weight: 10, arbitrary: json },
    { weight: 5, arbitrary: mutated(json) },
    { weight: 2, arbitrary: anything.map(asJson) },
    { weight: 1, arbitrary: deep },
  );
}

/** What JSON does not know becomes something that it knows. */
function asJson(value: unknown): string {
  return (
    JSON.stringify(value, (_name, member) => (typeof member === "bigint" ? Number(member) : member)) ?? ""
  );
}

export type Named = Readonly<Record<string, Arbitrary<unknown>>>;

/** An object with these members, some of them missing and some more. */
export function objects(members: Named): Arbitrary<unknown> {
  const known = fc.record(members, { requiredKeys: [] });
  return fc
    .tuple(known, fc.option(fc.tuple(names, anything), { freq: 8 }))
    .map(([object, more]) =>
      more === null ? object : Object.fromEntries([...Object.entries(object), more]),
    );
}
