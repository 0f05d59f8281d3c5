import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@x/emulator";
import Table from "cli-table3";
import { type Clock, sleep, systemClock } from "../clock.ts";
import { untilSignal } from "../shutdown.ts";
import { type Actor, createActor } from "./actor.ts";
import { beats, outage, registration, restart, rotation, type Stage } from "./chapters.ts";
import { noteLine } from "./note-line.ts";
import { createStory, type Story } from "./story.ts";

/** How many seconds of the story pass in a real one: a beat every 0.75 s, and an outage in seconds. */
const SPEED = 40;

/**
 * Tells the whole story in this process: a platform on a free port, and three workspaces.
 *
 * @returns false when something of it did not happen, and nobody ended it before
 */
export async function demo({ once }: { once: boolean }): Promise<boolean> {
  const clock = systemClock(SPEED);
  const root = await mkdtemp(join(tmpdir(), "heartbeat-demo-"));
  const emulator = await startEmulator({ clock: { now: clock.wall } });
  let complete = false;
  await untilSignal(async (stop) => {
    const story = createStory(clock, console.log, stop);
    emulator.subscribe(() => story.nudge());
    const stage = { emulator, actors: createActors(emulator, root, clock, story), story };
    for (const { id, file } of stage.actors) emulator.knowTokenFile(id, file);
    console.log(`The platform is at ${emulator.url}; the workspaces' files are below ${root}.`);
    console.log(`Time runs ${SPEED} times as fast as on the clock.${once ? "" : " Ctrl-C ends it."}`);
    try {
      await tellAll(stage, stop);
      const ending = `${summary(stage)}\n${verdict(story)}`;
      if (once) await endAll(stage);
      console.log(ending);
      complete = stop.aborted || story.account().every(({ happened }) => happened);
      if (!once && !stop.aborted) console.log("The workspaces go on beating. Ctrl-C ends it.");
      if (!once) await sleep(clock, 2 ** 31, stop);
    } finally {
      await endAll(stage);
      await emulator.close();
      await rm(root, { recursive: true, force: true });
    }
  });
  return complete;
}

function createActors(emulator: Emulator, root: string, clock: Clock, story: Story): Stage["actors"] {
  const create = (id: string): Actor =>
    createActor({
      id,
      platformUrl: emulator.url,
      configsDir: join(root, id),
      clock,
      onNotice(notice) {
        const line = noteLine(notice);
        if (line !== null) story.tell(`  ${id}: ${line}`);
        story.nudge();
      },
    });
  return [create("atlas"), create("birch"), create("comet")];
}

async function tellAll(stage: Stage, stop: AbortSignal): Promise<void> {
  for (const chapter of [registration, beats, rotation, restart, outage]) {
    if (!stop.aborted) await chapter(stage);
  }
}

async function endAll({ actors }: Stage): Promise<void> {
  await Promise.all(actors.map((actor) => actor.stop()));
}

/** What the platform saw, a row for each workspace. */
function summary({ emulator, actors }: Stage): string {
  const table = new Table({
    head: ["workspace", "status", "token", "requests", "401", "token file"],
    style: { head: [], border: [] },
  });
  for (const view of emulator.workspaces()) {
    const requests = emulator.requests.filter(({ workspaceId }) => workspaceId === view.id);
    const refused = requests.filter(({ status }) => status === 401);
    const file = actors.find(({ id }) => id === view.id)?.file ?? "";
    table.push([view.id, view.status, `${view.tokenPrefix ?? ""}…`, requests.length, refused.length, file]);
  }
  return `\n${table.toString()}`;
}

function verdict(story: Story): string {
  const missing = story.account().filter(({ happened }) => !happened);
  if (missing.length === 0) return `All ${story.account().length} things that were to happen did.`;
  return `Did not happen:\n${missing.map(({ what }) => `  - ${what}`).join("\n")}`;
}
