import type { Emulator } from "@x/emulator";
import type { Database } from "./database.ts";
import type { PlatformWatch } from "./platform-watch.ts";
import type { Runner } from "./runner.ts";

/** What the faults act on and inspect. */
export interface Scene {
  readonly database: Database;
  readonly emulator: Emulator;
  readonly watch: PlatformWatch;
  readonly runners: Runner[];
  readonly random: () => number;
  readonly ids: readonly string[];
  /** Picks a running runner; not the same one for all faults. */
  pick(): Runner;
  addRunner(): Promise<Runner>;
  registrations(): number;
  /** How often a runner has taken a shard so far. */
  claimed(): Promise<number>;
  shardsOf(runner: Runner): Promise<ReadonlySet<number>>;
  /** Waits until the shards are spread evenly over what runs, and all is quiet. */
  balanced(): Promise<void>;
  /** The workspaces of a runner, according to the database. */
  workspacesOf(runner: Runner): Promise<readonly string[]>;
  readonly takeOverMs: number[];
  readonly counts: { registrationsInGracefulMoves: number; moves: number; leastMoves: number };
}
