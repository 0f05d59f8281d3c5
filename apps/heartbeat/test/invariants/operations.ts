import fc from "fast-check";
import { type Area, CONDITIONS, type Condition } from "./disk.ts";
import type { Fate } from "./network.ts";
import { A, B, IDS } from "./world.ts";

/** Platform URLs of list entries. Two of them are one platform in different spellings. */
const PLACES = [A, "HTTPS://A.example:443/", B] as const;
export type Place = (typeof PLACES)[number];
type Id = (typeof IDS)[number];

/** For each id its platform in the list; `null` when it is not listed. */
export type List = readonly { readonly id: Id; readonly place: Place | null; readonly hasToken: boolean }[];

/** An operation on a runner. */
export type Operation =
  | { readonly do: "apply"; readonly list: List }
  | { readonly do: "restart"; readonly list: List }
  | { readonly do: "add" | "abort" | "remove"; readonly id: Id; readonly place: Place }
  /** Applies a list without it and then waits for its removal. */
  | { readonly do: "drop"; readonly id: Id }
  | { readonly do: "pass"; readonly ms: number }
  | { readonly do: "rotate"; readonly id: Id; readonly at: string; readonly storedAfterMs: number | null }
  | {
      readonly do: "revoke" | "deregister" | "heartbeat brings token" | "delegation finishes";
      readonly id: Id;
      readonly at: string;
    }
  | { readonly do: "outage"; readonly at: string; readonly isDown: boolean }
  | { readonly do: "fates"; readonly at: string; readonly fates: readonly Fate[] }
  | { readonly do: "disk"; readonly area: Area; readonly condition: Condition };

const of = <K extends string>(...names: K[]) => fc.constantFrom(...names);
const id = of(...IDS);
const at = of(A, B);
const place = of(...PLACES);
const fate: fc.Arbitrary<Fate> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: of("answered"), afterMs: fc.constantFrom(20, 800, 3_000, 9_000) }),
  },
  fc.record({ kind: of("lost") }),
  fc.record({ kind: of("refused") }),
  fc.record({ kind: of("failed"), status: fc.constantFrom(500, 502) }),
  fc.record({ kind: of("limited"), seconds: fc.constantFrom(1, 40) }),
);

const passes = fc.record({ do: of("pass"), ms: fc.constantFrom(10, 300, 1_000, 4_500, 31_000, 90_000) });
export const fates = fc.record({
  do: of("fates"),
  at,
  fates: fc.array(fate, { minLength: 1, maxLength: 4 }),
});
const rotates = fc.record({ do: of("rotate"), id, at, storedAfterMs: fc.option(fc.constantFrom(0, 700)) });
const listOf = (place: fc.Arbitrary<Place | null>, ids: readonly Id[]): fc.Arbitrary<List> =>
  fc.tuple(...ids.map((each) => fc.record({ id: fc.constant(each), place, hasToken: fc.boolean() })));
const list = listOf(fc.option(place, { freq: 4 }), IDS);

/** All operations, with a failing disk. */
export const anything: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: passes },
  { weight: 3, arbitrary: fc.record({ do: of("apply"), list }) },
  { weight: 2, arbitrary: fc.record({ do: of("restart"), list }) },
  { weight: 2, arbitrary: fc.record({ do: of("add", "abort", "remove"), id, place }) },
  { weight: 1, arbitrary: fc.record({ do: of("drop"), id }) },
  { weight: 2, arbitrary: rotates },
  {
    weight: 2,
    arbitrary: fc.record({
      do: of("revoke", "deregister", "heartbeat brings token", "delegation finishes"),
      id,
      at,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: of("outage"), at, isDown: fc.boolean() }) },
  { weight: 3, arbitrary: fates },
  {
    weight: 3,
    arbitrary: fc.record({
      do: of("disk"),
      area: of("token", "token", "spill"),
      condition: fc.constantFrom(...CONDITIONS, "works" as const),
    }),
  },
);

/** A list on working files, with a provisioner that also writes them. */
export const inList: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 2, arbitrary: passes },
  { weight: 2, arbitrary: fc.record({ do: of("apply", "restart"), list }) },
  fc.record({ do: of("remove"), id, place }),
  rotates,
  fc.record({ do: of("revoke", "heartbeat brings token"), id, at }),
  fates,
);

/** One workspace; `PLATFORM_URL` and `WORKSPACE_ID` change between starts. */
export const single: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 2, arbitrary: passes },
  {
    weight: 2,
    arbitrary: fc.record({ do: of("restart"), list: fc.oneof(...IDS.map((each) => listOf(place, [each]))) }),
  },
  fc.record({ do: of("revoke", "heartbeat brings token"), id, at }),
  fates,
);
