import Table from "cli-table3";
import { type Clock, sleep, systemClock } from "../../../clock.ts";
import { ConfigError } from "../../../config/problems.ts";
import { SHARDS } from "../../../storage/postgres/schema.ts";
import { untilSignal } from "../../shutdown.ts";
import { createStory, type Story } from "../story.ts";
import type { RunnerProcess } from "./runner-process.ts";
import { type MachinesStage, openStage, type Share } from "./stage.ts";

/** A view of the fleet, taken a few times a second. */
interface Seen {
  shares: ReadonlyMap<string, Share>;
  online: number;
  /** Workspaces that were online and then seen offline. */
  readonly lost: Set<string>;
}

const CHECK_EVERY_MS = 250;

/**
 * Runners in separate processes share sixty workspaces through a database; one is killed and started again.
 *
 * @returns false when a check failed, or PostgreSQL is not installed
 * @throws ConfigError for an invalid count
 */
export async function machinesDemo(count: string): Promise<boolean> {
  const machines = Number(count);
  if (!Number.isInteger(machines) || machines < 2 || machines > 8) {
    throw new ConfigError(["--machines must be a whole number from 2 to 8."]);
  }
  const clock = systemClock();
  let passed = false;
  await untilSignal(async (stop) => {
    const story = createStory(clock, console.log, stop);
    let stage: MachinesStage;
    try {
      stage = await openStage(machines, (name, text) => story.print(`  ${name}: ${text}`));
    } catch (error) {
      console.log(
        `The demo needs PostgreSQL from npm. ${error instanceof Error ? error.message : String(error)}`,
      );
      return;
    }
    console.log(`The platform is at ${stage.emulator.url}; PostgreSQL runs in a temporary directory.`);
    const seen: Seen = { shares: new Map(), online: 0, lost: new Set() };
    const ended = new AbortController();
    const watching = watch(stage, { seen, story, clock, stop: ended.signal });
    try {
      await play(stage, { seen, story, stop });
      passed = story.passed();
      console.log(`\n${story.result()}`);
    } finally {
      ended.abort();
      await watching;
      await stage.close();
    }
  });
  return passed;
}

async function play(
  stage: MachinesStage,
  { seen, story, stop }: { readonly seen: Seen; readonly story: Story; readonly stop: AbortSignal },
): Promise<void> {
  const { runners, emulator, workspaces } = stage;
  const [first] = runners;
  if (first === undefined) return;
  const shareOf = ({ name }: RunnerProcess) => seen.shares.get(name) ?? NOTHING;
  const isShared = () =>
    seen.online === workspaces &&
    runners.every((runner) => shareOf(runner).shards >= Math.floor(SHARDS / runners.length));
  const registrations = () => emulator.requests.filter(({ path }) => path === "/registry/register").length;
  const show = () => console.log(table(stage, seen));

  story.chapter(
    `1. ${runners.length} runners start with the same list, and share its ${workspaces} workspaces`,
  );
  for (const runner of runners) runner.start();
  await story.expect("each runner has its share, and all workspaces are online", isShared, 60_000);
  if (stop.aborted) return;
  show();

  story.chapter(`2. ${first.name} is killed (kill -9). The others take over when its lease has expired`);
  const its = shareOf(first).workspaces;
  await first.kill();
  await story.expect(
    `the others own the ${its} workspaces of ${first.name}`,
    () => shareOf(first).shards === 0 && total(seen) === SHARDS,
    40_000,
  );
  if (stop.aborted) return;
  show();
  await story.expect(
    "no workspace went offline",
    () => seen.lost.size === 0 && seen.online === workspaces,
    0,
  );
  if (stop.aborted) return;

  story.chapter(`3. ${first.name} is started again, and receives its share`);
  await settled(registrations, stop);
  const before = registrations();
  first.start();
  await story.expect(`${first.name} has its share again`, isShared, 60_000);
  if (stop.aborted) return;
  show();
  await story.expect(
    "no workspace had to register again, and none went offline",
    () => {
      return registrations() === before && seen.lost.size === 0 && seen.online === workspaces;
    },
    0,
  );

  story.chapter("4. All are stopped");
  const codes = await Promise.all(runners.map((runner) => runner.stop()));
  await story.expect(
    "each released its shards and exited with 0",
    () => codes.every((code) => code === 0),
    0,
  );
}

/** Waits until the workspaces that were taken over have registered. */
async function settled(count: () => number, stop: AbortSignal): Promise<void> {
  const clock = systemClock();
  for (let last = -1; last !== count() && !stop.aborted; ) {
    last = count();
    await sleep(clock, 3_000, stop);
  }
}

async function watch(
  stage: MachinesStage,
  {
    seen,
    story,
    clock,
    stop,
  }: { readonly seen: Seen; readonly story: Story; readonly clock: Clock; readonly stop: AbortSignal },
): Promise<void> {
  const wereOnline = new Set<string>();
  while (!stop.aborted) {
    seen.shares = await stage.shares().catch(() => seen.shares);
    const views = stage.emulator.workspaces();
    seen.online = views.filter(({ status }) => status === "online").length;
    for (const { id, status } of views) {
      if (status === "online") wereOnline.add(id);
      else if (wereOnline.has(id)) seen.lost.add(id);
    }
    story.nudge();
    await sleep(clock, CHECK_EVERY_MS, stop);
  }
}

function table({ runners, workspaces }: MachinesStage, seen: Seen): string {
  const rows = new Table({
    head: ["runner", "process", "shards", "workspaces"],
    style: { head: [], border: [] },
  });
  for (const runner of runners) {
    const share = seen.shares.get(runner.name) ?? NOTHING;
    rows.push([runner.name, runner.isRunning() ? "running" : "killed", share.shards, share.workspaces]);
  }
  return `${rows.toString()}\n${seen.online} of ${workspaces} workspaces are online.`;
}

const NOTHING: Share = { shards: 0, workspaces: 0 };

const total = ({ shares }: Seen): number => [...shares.values()].reduce((sum, { shards }) => sum + shards, 0);
