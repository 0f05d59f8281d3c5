import fc, { type IAsyncProperty } from "fast-check";
import { type Behaviour, InboxWorld, type Network } from "./model.ts";

export type Product = typeof import("./product.ts");

type Action =
  | {
      readonly type: "arrive";
      readonly sender: string | null;
      readonly behaviour: Behaviour;
      readonly isAnswer: boolean;
    }
  | { readonly type: "check"; readonly killAfter: number | null }
  | { readonly type: "network"; readonly next: readonly Network[] }
  | { readonly type: "prune" }
  | { readonly type: "wait"; readonly seconds: number };

const SENDERS = [null, "22222222-2222-4222-8222-222222222222", "33333333-3333-4333-8333-333333333333"];

const arrive = fc.record<Action & { type: "arrive" }>({
  type: fc.constant("arrive"),
  sender: fc.constantFrom(...SENDERS),
  behaviour: fc.constantFrom<Behaviour>(
    "answer",
    "answer",
    "answer alike",
    "answer alike",
    "silent",
    "fail once",
    "fail",
  ),
  isAnswer: fc.nat(3).map((each) => each === 0),
});

const action: fc.Arbitrary<Action> = fc.oneof(
  { arbitrary: arrive, weight: 4 },
  {
    arbitrary: fc.record<Action & { type: "check" }>({
      type: fc.constant("check"),
      killAfter: fc.option(fc.integer({ min: 1, max: 40 })),
    }),
    weight: 4,
  },
  fc.record<Action & { type: "network" }>({
    type: fc.constant("network"),
    next: fc.array(fc.constantFrom<Network>("works", "answer lost", "request lost"), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  fc.record<Action & { type: "prune" }>({ type: fc.constant("prune") }),
  fc.record<Action & { type: "wait" }>({
    type: fc.constant("wait"),
    seconds: fc.constantFrom(1, 15, 90, 400),
  }),
);

const alike: Action = { type: "arrive", sender: null, behaviour: "answer alike", isAnswer: false };

/** Rare among random cases: of two equal answers to the user, the second one is lost in transit. */
export const EXAMPLES: [Action[]][] = [
  [
    [
      alike,
      alike,
      { type: "network", next: ["works", "request lost"] },
      { type: "check", killAfter: null },
      { type: "check", killAfter: 3 },
    ],
  ],
];

/** Whatever arrives, is lost or is pruned, and wherever the process is killed. */
export function inboxProperty(product: Product): IAsyncProperty<[Action[]]> {
  return fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
    const world = new InboxWorld(product);
    // Messages from more than ten minutes before the very first check do not count as new.
    await world.check();
    for (const each of actions) await carryOut(world, each);
    await world.quiet();
    const problems = world.verify();
    if (problems.length > 0) throw new Error(`${problems.join("\n")}\n${world.trace.join("\n")}`);
  });
}

function carryOut(world: InboxWorld, action: Action): unknown {
  switch (action.type) {
    case "arrive":
      return world.arrive(action.sender, action.behaviour, action.isAnswer);
    case "check":
      return world.check(action.killAfter ?? undefined);
    case "network":
      return world.network(action.next);
    case "prune":
      return world.prune();
    case "wait":
      return world.clock.advance(action.seconds * 1_000);
  }
}
