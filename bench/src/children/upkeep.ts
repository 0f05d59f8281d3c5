import { randomBytes } from "node:crypto";
import { systemClock } from "../../../apps/heartbeat/src/clock.ts";
import { listDigest } from "../../../apps/heartbeat/src/cluster/list-digest.ts";
import { Ownership } from "../../../apps/heartbeat/src/cluster/ownership.ts";
import { PostgresLeases } from "../../../apps/heartbeat/src/cluster/postgres-leases.ts";
import { prepareTables } from "../../../apps/heartbeat/src/storage/postgres/prepare-tables.ts";
import { serveTasks } from "../children.ts";
import { workspacesAt } from "../heartbeat.ts";
import { postgresTokenStore, startPostgres } from "../postgres.ts";
import { interleave } from "../stats.ts";

/** The cost of renewing a lease and checking for dead runners, by the number of workspaces in the fleet. */
export interface UpkeepTask {
  readonly sizes: readonly number[];
  readonly rounds: number;
}

/** Milliseconds per round, by the number of workspaces. */
export type UpkeepAnswer = [string, readonly number[]][];

/** Rounds follow each other without a pause, so that many can be measured. */
const TIMING = { ttlMs: 15_000, renewMs: 1, marginMs: 2_000 };
const ROUNDS_OF_A_SAMPLE = 20;

serveTasks(async ({ sizes, rounds }: UpkeepTask): Promise<UpkeepAnswer> => {
  await using postgres = await startPostgres();
  const { url } = postgres;
  const stop = new AbortController();
  const started = await Promise.all(
    sizes.map(async (size, index) => {
      const fleet = `fleet-${index}`;
      const tokens = postgresTokenStore({ url, fleet, keys: [randomBytes(32).toString("base64url")] });
      await tokens.prepare();
      await tokens.close();
      await prepareTables({ url, fleet, location: "the store" });
      const list = workspacesAt("https://platform.example", size);
      const digest = listDigest(list);
      const leases = new PostgresLeases({ url, fleet, location: "the store" });
      let done = 0;
      let onRound = () => {};
      const list_ = leases.list.bind(leases);
      leases.list = async () => {
        const seen = await list_();
        done += 1;
        onRound();
        return seen;
      };
      let isPaused = true;
      let resume = () => {};
      const renew = leases.renew.bind(leases);
      leases.renew = async (...given) => {
        if (isPaused) await new Promise<void>((resolve) => (resume = resolve));
        return renew(...given);
      };
      const ownership = new Ownership({
        store: leases,
        clock: systemClock(),
        random: () => 0.5,
        name: "bench",
        timing: TIMING,
        listDigest: () => digest,
        isAlive: () => true,
        onGained() {},
        onDrain: async () => {},
        onLost() {},
      });
      const ended = ownership.run(stop.signal);
      const sample = () =>
        new Promise<number>((resolve) => {
          const from = done;
          const began = performance.now();
          onRound = () => {
            if (done - from < ROUNDS_OF_A_SAMPLE) return;
            isPaused = true;
            resolve((performance.now() - began) / ROUNDS_OF_A_SAMPLE);
          };
          isPaused = false;
          resume();
        });
      const end = async () => {
        isPaused = false;
        resume();
        await ended;
        await ownership.leave();
        await leases.close();
      };
      return { name: String(size), sample, end };
    }),
  );
  const timed = new Map(started.map(({ name, sample }) => [name, sample]));
  await interleave(timed, 2);
  const samples = await interleave(timed, rounds);
  stop.abort();
  await Promise.all(started.map(({ end }) => end()));
  return [...samples];
});
