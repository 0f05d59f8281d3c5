/** The size of each experiment. */
export interface Scale {
  readonly kills: number;
  /** Of a file that can only be written in place. */
  readonly killsInPlace: number;
  /** With two readers, in memory and on a real disk. */
  readonly saves: number;
  readonly savesOnDisk: number;
  /** Power cuts of each kind. */
  readonly cuts: number;
  /** Saves in each of the problematic locations. */
  readonly savesInPlace: number;
  /** Of each of two writers in separate namespaces. */
  readonly savesAsProcessOne: number;
  readonly agentsMs: number;
  /** Of each property of `Auth`. */
  readonly runs: number;
  /** Of two tenants, interleaved. */
  readonly requests: number;
  /** Whether to run the experiments that always take minutes: all mutants, and all tests. */
  readonly mutants: boolean;
  readonly suite: boolean;
  /** Hostile inputs to all fuzz targets together. */
  readonly inputs: number;
  /** Connections that send something malformed to the emulator. */
  readonly malformed: number;
  /** Concurrent connections to the emulator. */
  readonly connections: number;
  /** Of each kind of slow client. */
  readonly slowConnections: number;
}

export const FULL: Scale = {
  kills: 1_000,
  killsInPlace: 200,
  saves: 100_000,
  savesOnDisk: 5_000,
  cuts: 60,
  savesInPlace: 50,
  savesAsProcessOne: 5_000,
  agentsMs: 60_000,
  runs: 10_000,
  requests: 10_000,
  mutants: true,
  suite: true,
  inputs: 1_000_000,
  malformed: 20_000,
  connections: 1_000,
  slowConnections: 100,
};

/** For every run of the tests: several seconds in total. */
export const SHORT: Scale = {
  kills: 16,
  killsInPlace: 6,
  saves: 1_000,
  savesOnDisk: 60,
  cuts: 3,
  savesInPlace: 4,
  savesAsProcessOne: 100,
  agentsMs: 1_500,
  runs: 30,
  requests: 400,
  mutants: false,
  suite: false,
  inputs: 8_000,
  malformed: 600,
  connections: 1_000,
  slowConnections: 10,
};
