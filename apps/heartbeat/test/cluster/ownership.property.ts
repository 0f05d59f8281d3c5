import fc from "fast-check";
import type { OwnershipOptions } from "../../src/cluster/ownership-options.ts";
import { LeaseServer, type Way } from "./lease-server.ts";
import { Machine, World } from "./machines.ts";

export type Product = typeof import("./product.ts");

/** An event in a fleet. */
export type Fault =
  | { readonly type: "pause"; readonly runner: number; readonly ms: number }
  | { readonly type: "kill"; readonly runner: number }
  | { readonly type: "leave"; readonly runner: number }
  | { readonly type: "add"; readonly rate: number }
  | { readonly type: "cut"; readonly runner: number; readonly ms: number }
  | { readonly type: "hold-row"; readonly runner: number; readonly ms: number }
  | { readonly type: "store-down"; readonly ms: number };

export interface Plan {
  readonly rates: readonly number[];
  readonly faults: readonly (readonly [afterMs: number, fault: Fault])[];
  readonly ways: readonly Way[];
}

/** Two clocks may differ by 13 %, which the margin allows for. */
const rate = fc.double({ min: 0.945, max: 1.06, noNaN: true });
const index = fc.nat({ max: 7 });
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    type: fc.constant("pause" as const),
    runner: index,
    ms: fc.integer({ min: 500, max: 40_000 }),
  }),
  fc.record({ type: fc.constant("kill" as const), runner: index }),
  fc.record({ type: fc.constant("leave" as const), runner: index }),
  fc.record({ type: fc.constant("add" as const), rate }),
  fc.record({ type: fc.constant("cut" as const), runner: index, ms: fc.integer({ min: 500, max: 60_000 }) }),
  fc.record({
    type: fc.constant("hold-row" as const),
    runner: index,
    ms: fc.integer({ min: 500, max: 60_000 }),
  }),
  fc.record({ type: fc.constant("store-down" as const), ms: fc.integer({ min: 500, max: 60_000 }) }),
);
const way: fc.Arbitrary<Way> = fc.record({
  thereMs: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 20 }) },
    fc.integer({ min: 1, max: 30_000 }),
  ),
  // The slowest answers within the timeout make a lease look longest.
  backMs: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 20 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 2_500 }) },
    { weight: 2, arbitrary: fc.integer({ min: 1_700, max: 1_990 }) },
  ),
  lost: fc.oneof(
    { weight: 12, arbitrary: fc.constant("no" as const) },
    fc.constantFrom("request" as const, "answer" as const),
  ),
});
const plans: fc.Arbitrary<Plan> = fc.record({
  rates: fc.array(rate, { minLength: 1, maxLength: 4 }),
  faults: fc.array(fc.tuple(fc.integer({ min: 0, max: 25_000 }), fault), { maxLength: 10 }),
  ways: fc.array(way, { minLength: 1, maxLength: 60 }),
});
const FAST: Way = { thereMs: 2, backMs: 2, lost: "no" };

/** A fleet of real `Ownership`s over a simulated database. */
class Fleet {
  readonly world = new World();
  readonly server = new LeaseServer(this.world);
  readonly members: {
    readonly machine: Machine;
    readonly ownership: InstanceType<Product["Ownership"]>;
    readonly leave: () => void;
    cutUntil: number;
    isLeaving: boolean;
  }[] = [];
  readonly #product: Product;
  readonly #plan: Plan;
  #requests = 0;
  isCalm = false;

  constructor(product: Product, plan: Plan) {
    this.#product = product;
    this.#plan = plan;
  }

  add(rate: number): void {
    const machine = new Machine(this.world, { rate, offset: 1_000 * this.members.length });
    const stopping = new AbortController();
    const store = this.server.connect(machine, () => {
      if (this.world.now < member.cutUntil) return { ...FAST, lost: "request" };
      this.#requests += 1;
      return (this.isCalm ? undefined : this.#plan.ways[this.#requests % this.#plan.ways.length]) ?? FAST;
    });
    const options: OwnershipOptions = {
      store,
      clock: machine.clock,
      random: () => (this.#requests % 10) / 10,
      runner: `runner${this.members.length}`,
      name: "a machine",
      listDigest: () => "00",
      isAlive: () => true,
      onGained() {},
      onDrain: () => new Promise((resolve) => void machine.later((this.#requests % 7) * 400, resolve)),
      onLost() {},
    };
    const ownership = new this.#product.Ownership(options);
    const member = { machine, ownership, cutUntil: 0, isLeaving: false, leave: () => stopping.abort() };
    this.members.push(member);
    void ownership.run(stopping.signal).then(() => ownership.leave());
  }

  apply(fault: Fault): void {
    if (fault.type === "add") {
      if (this.members.length < 8) this.add(fault.rate);
      return;
    }
    if (fault.type === "store-down") {
      this.server.isDown = true;
      this.world.at(this.world.now + fault.ms, () => {
        this.server.isDown = false;
      });
      return;
    }
    const member = this.members[fault.runner % this.members.length];
    if (member === undefined) return;
    if (fault.type === "pause") member.machine.pause(fault.ms);
    else if (fault.type === "hold-row") this.#hold(member.ownership.id, fault.ms);
    else if (fault.type === "cut") member.cutUntil = this.world.now + fault.ms;
    else if (this.living().length > 1) {
      if (fault.type === "kill") member.machine.isDead = true;
      else {
        member.isLeaving = true;
        member.leave();
      }
    }
  }

  #hold(id: string | null, ms: number): void {
    this.server.held.add(id);
    this.world.at(this.world.now + ms, () => void this.server.held.delete(id));
  }

  living() {
    return this.members.filter(({ machine, isLeaving }) => !machine.isDead && !isLeaving);
  }

  /** What each active runner believes at any moment. */
  checkOwners(): void {
    const living = this.members.filter(({ machine }) => !machine.isDead);
    for (let shard = 0; shard < 256; shard += 37) {
      const held = living.filter(({ ownership }) => ownership.stateOf(shard) === "held");
      if (held.length > 1) {
        const who = held.map(({ ownership }) => ownership.runner).join(" and ");
        throw new Error(`${who} may both register a workspace of shard ${shard} at ${this.world.now}`);
      }
    }
  }
}

/** At no moment may two runners register the same workspace; once the faults end, each shard has one owner. */
export const ownershipProperty = (product: Product) =>
  fc.asyncProperty(plans, async (plan) => {
    const fleet = new Fleet(product, plan);
    const check = () => fleet.checkOwners();
    for (const rate of plan.rates) fleet.add(rate);
    for (const [afterMs, fault] of plan.faults) {
      await fleet.world.advance(afterMs, check);
      fleet.apply(fault);
    }
    fleet.isCalm = true;
    await fleet.world.advance(180_000, check);
    const living = fleet.living();
    const counts = living.map(({ ownership }) => ownership.status().shards.held);
    if (counts.reduce((sum, count) => sum + count, 0) !== 256)
      throw new Error(`shards without an owner: ${counts}`);
    if (Math.max(...counts) - Math.min(...counts) > 1) throw new Error(`uneven: ${counts}`);
    if (fleet.server.rows.size !== living.length) throw new Error("a runner that ended still has a row");
  });

/** The store is down for a while; then no active runner loses anything. */
export const outageProperty = (product: Product) =>
  fc.asyncProperty(
    fc.array(rate, { minLength: 2, maxLength: 4 }),
    fc.integer({ min: 1_000, max: 300_000 }),
    async (rates, outageMs) => {
      const fleet = new Fleet(product, { rates, faults: [], ways: [FAST] });
      for (const each of rates) fleet.add(each);
      await fleet.world.advance(60_000);
      const before = [...fleet.server.owners];
      fleet.apply({ type: "store-down", ms: outageMs });
      await fleet.world.advance(outageMs + 60_000, () => fleet.checkOwners());
      if (String(fleet.server.owners) !== String(before))
        throw new Error("an outage of the store moved shards");
    },
  );

/** A runner joins; hardly more shards move than it gets, however long each hand-over takes. */
export const movesProperty = (product: Product) =>
  fc.asyncProperty(fc.integer({ min: 1, max: 15 }), rate, async (runners, last) => {
    const fleet = new Fleet(product, { rates: [], faults: [], ways: [FAST] });
    for (let runner = 0; runner < runners; runner += 1) fleet.add(1);
    await fleet.world.advance(60_000);
    const before = fleet.server.moves;
    fleet.add(last);
    await fleet.world.advance(60_000);
    const moves = fleet.server.moves - before;
    const least = Math.floor(256 / (runners + 1));
    if (moves > Math.ceil(1.05 * least)) throw new Error(`moved ${moves} shards, where ${least} are enough`);
  });
