import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as sound from "../src/index.ts";
import { type Core, type Mutant, mutated } from "./support/invariants/core.ts";
import { abortMutants, audienceMutants, lossMutants } from "./support/invariants/mutants.ts";
import { step } from "./support/invariants/steps.ts";
import { originOf, platforms, World } from "./support/invariants/world.ts";
import { numRuns, timeoutMs } from "./support/runs.ts";

/** Fixed, so that a mutant fails on the same run each time, however few runs the real code gets. */
const SEED = 20_261;
const MUTANT_RUNS = 10_000;

vi.setConfig({ testTimeout: timeoutMs });
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const kind = fc.record({
  apart: fc.boolean(),
  replace: fc.boolean(),
  fresh: fc.boolean(),
  heedful: fc.boolean(),
});

/** Runs these steps in a new world until nothing is pending, and then checks it with `verify`. */
function always(core: Core, verify: (world: World, scheduler: fc.Scheduler) => unknown) {
  const steps = fc.array(fc.tuple(step, fc.integer({ min: 0, max: 2 })), { minLength: 1, maxLength: 25 });
  return fc.asyncProperty(fc.scheduler(), kind, steps, async (scheduler, like, given) => {
    const world = new World(core, like, scheduler);
    scheduler.scheduleSequence(
      given.map(([[label, run], pass]) => ({
        label,
        async builder() {
          run(world);
          // Occasionally enough time passes for a hanging call to time out.
          if (pass === 0) await vi.advanceTimersByTimeAsync(1_000);
        },
      })),
    );
    await settled(world, scheduler);
    await verify(world, scheduler);
  });
}

async function settled(world: World, scheduler: fc.Scheduler): Promise<void> {
  await scheduler.waitIdle();
  world.storage.release();
  world.storage.readable = world.storage.writable = true;
  let pending = true;
  const all = Promise.allSettled(world.calls).then(() => {
    pending = false;
  });
  for (let turns = 0; pending && turns < 200; turns += 1) {
    await scheduler.waitIdle();
    await vi.advanceTimersByTimeAsync(1_000);
  }
  await all;
  await scheduler.waitIdle();
}

const shown = (token: string) => sound.redactToken(token);

/** 1. A token has an audience: it is sent to no other platform, and overwrites no other platform's token. */
function audience(world: World): void {
  expect(world.violations).toStrictEqual([]);
  for (const { entry, before, token } of world.storage.commits) {
    if (world.kind.apart) expect(originOf(token.charAt(0) as "a")).toBe(entry);
    const saved = world.saves.find((each) => each.token === token);
    if (!world.kind.replace || saved?.sentWith === undefined) continue;
    // A received token only replaces a token that is known to be older, or one that a timed-out save wrote.
    const older = [null, token, saved.sentWith].includes(before) || world.rejected.has(before ?? "");
    const late = world.saves.some((each) => each.token === before && each.outcome === "unsaved");
    expect(older || late, `${token} replaced ${before}`).toBe(true);
  }
}

/** 2. A saved token is in the storage, or reported as unsaved and still in memory. */
async function nothingLost(world: World, scheduler: fc.Scheduler): Promise<void> {
  const failed = world.events.flatMap((event) =>
    event.type === "save-failed" || event.type === "save-conflict" ? [event.token] : [],
  );
  for (const { token, outcome } of world.saves) {
    if (outcome === "unsaved") expect(failed).toContain(shown(token));
    else expect(world.storage.commits.map((commit) => commit.token)).toContain(token);
  }
  for (const platform of platforms) {
    const newest = world.saves.filter((saved) => saved.platform === platform).at(-1);
    if (newest === undefined) continue;
    const entry = world.storage.entryOf({ platformOrigin: originOf(platform) });
    const wasStored = world.storage.commits.some(({ token }) => token === newest.token);
    // Tokens that another process stored later do not count, nor another platform's in a storage for one token.
    if (wasStored && !(world.kind.apart && world.storage.lastWriter.get(entry) === "the auth")) continue;
    if (world.storage.entries.get(entry) === newest.token) continue;
    world.env.PLATFORM_URL = originOf(platform);
    const { sources } = await scheduler.waitFor(world.auth.explain());
    expect(sources.map(({ token }) => token)).toContain(shown(newest.token));
    expect(failed).toContain(shown(newest.token));
  }
}

/** 3. After an abort nothing is written: no call begins, and a running one stops if the storage honours its signal. */
function abortIsTheEnd({ saves, storage, kind: { heedful } }: World): void {
  for (const { token, aborted } of saves) {
    if (aborted === null) continue;
    expect(storage.calls.slice(aborted.calls)).not.toContain(token);
    const later = storage.commits.slice(aborted.commits).map((commit) => commit.token);
    if (heedful) expect(later).not.toContain(token);
  }
}

interface Invariant {
  readonly says: string;
  readonly property: (core: Core) => ReturnType<typeof always>;
  readonly mutants: readonly Mutant[];
}

const invariants: readonly Invariant[] = [
  {
    says: "a token is sent to its own platform only, and overwrites no other platform's",
    property: (core) => always(core, audience),
    mutants: audienceMutants,
  },
  {
    says: "a saved token is stored, or reported as unsaved and kept in memory",
    property: (core) => always(core, nothingLost),
    mutants: lossMutants,
  },
  {
    says: "after an abort nothing is written",
    property: (core) => always(core, abortIsTheEnd),
    mutants: abortMutants,
  },
];

describe.each(invariants)("$says", ({ property, mutants }) => {
  it("holds for any operations in any order", async () => {
    await fc.assert(property(sound), { numRuns });
  });

  it.each(mutants.map((mutant) => [mutant.what, mutant] as const))("and fails when %s", async (_, mutant) => {
    const core = await mutated(mutant);
    const { failed } = await fc.check(property(core), {
      numRuns: MUTANT_RUNS,
      seed: SEED,
      endOnFailure: true,
    });
    expect(failed).toBe(true);
  });
});
