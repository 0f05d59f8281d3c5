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
    ...["__proto__", "constructor", "toString", "id", "token", "platform_url", "platformUrl"],
    ...["status", "length"],
  ),
  fc.string({ maxLength: 6 }),
);

/** Any JSON value; property names include those that are special in JavaScript. */
export const anything: Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, -1, 1e308, 2 ** 53, "", "a"),
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie("value")), { maxLength: 4 }).map((members) => Object.fromEntries(members)),
  ),
})).value;

/** JSON of such values; mutated JSON; deeply nested JSON; and near-JSON. */
export function hostileJson(values: Arbitrary<unknown>): Arbitrary<string> {
  const json = values.map(asJson);
  return fc.oneof(
    { weight: 10, arbitrary: json },
    { weight: 5, arbitrary: mutated(json) },
    { weight: 2, arbitrary: anything.map(asJson) },
    { weight: 1, arbitrary: deep },
  );
}

/** Replaces values that JSON cannot represent. */
function asJson(value: unknown): string {
  return (
    JSON.stringify(value, (_name, member) => (typeof member === "bigint" ? Number(member) : member)) ?? ""
  );
}

export type Named = Readonly<Record<string, Arbitrary<unknown>>>;

/** An object with these properties, some missing and some added. */
export function objects(members: Named): Arbitrary<unknown> {
  const known = fc.record(members, { requiredKeys: [] });
  return fc
    .tuple(known, fc.option(fc.tuple(names, anything), { freq: 8 }))
    .map(([object, more]) =>
      more === null ? object : Object.fromEntries([...Object.entries(object), more]),
    );
}
