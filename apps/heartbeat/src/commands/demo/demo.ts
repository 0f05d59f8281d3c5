import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Emulator, startEmulator, workspaceId } from "@x/emulator";
import Table from "cli-table3";
import { type Clock, sleep, systemClock } from "../../clock.ts";
import { logMessage } from "../../observability/log-messages.ts";
import type { MessageHandler } from "../../workspace/inbox/message.ts";
import { messageCommand } from "../message-command.ts";
import { untilSignal } from "../shutdown.ts";
import {
  heartbeats,
  message,
  ON_MESSAGE,
  outage,
  registration,
  restart,
  rotateCommand,
  rotation,
  type Stage,
} from "./chapters.ts";
import { createSimulatedAgent, type SimulatedAgent } from "./simulated-agent.ts";
import { createStory, type Story } from "./story.ts";

/** Simulated seconds per real second: a heartbeat every 0.75 s, and an outage in seconds. */
const SPEED = 40;

/**
 * Runs the demo in this process: a platform on a free port, and three workspaces.
 *
 * @returns false when a check failed
 */
export async function demo({ once }: { once: boolean }): Promise<boolean> {
  const clock = systemClock(SPEED);
  const root = await mkdtemp(join(tmpdir(), "heartbeat-demo-"));
  const emulator = await startEmulator({ clock: { now: clock.wall } });
  let passed = false;
  await untilSignal(async (stop) => {
    const story = createStory(clock, console.log, stop);
    emulator.subscribe(() => story.nudge());
    const stage = { emulator, agents: await createAgents(emulator, root, clock, story), story };
    console.log(`The platform is at ${emulator.url}; the workspaces' files are below ${root}.`);
    console.log(
      `The clock here runs ${SPEED} times as fast as yours.${once ? "" : " Press Ctrl-C to stop."}`,
    );
    try {
      await playAll(stage, stop);
      const table = stop.aborted ? "" : summary(stage);
      if (once || stop.aborted) await endAll(stage);
      console.log(`${table}\n${story.result()}`);
      passed = story.passed();
      if (!once && !stop.aborted)
        console.log("The workspaces keep sending heartbeats. Press Ctrl-C to stop.");
      if (!once) await sleep(clock, 2 ** 31, stop);
    } finally {
      await endAll(stage);
      await emulator.close();
      await rm(root, { recursive: true, force: true });
    }
  });
  return passed;
}

async function createAgents(
  emulator: Emulator,
  root: string,
  clock: Clock,
  story: Story,
): Promise<Stage["agents"]> {
  const create = (name: string, onMessage?: MessageHandler): SimulatedAgent =>
    createSimulatedAgent({
      id: workspaceId(name),
      name,
      platformUrl: emulator.url,
      configsDir: join(root, name),
      ...(onMessage !== undefined && { onMessage }),
      clock,
      onEvent(event) {
        // Accepted heartbeats and repetitions are at `debug`: the story prints its own lines for them.
        const { level, text } = logMessage(event);
        if (level !== "debug") story.print(`  ${name}: ${text}`);
        story.nudge();
      },
    });
  const comet = create("comet");
  // By an operator, who gives its token to the agent: such a token can be rotated.
  const token = emulator.create(comet.id, { name: comet.name });
  await mkdir(dirname(comet.file), { mode: 0o700 });
  await writeFile(comet.file, token, { mode: 0o600 });
  return [create("atlas", messageCommand(ON_MESSAGE, process.env)), create("birch"), comet];
}

async function playAll(stage: Stage, stop: AbortSignal): Promise<void> {
  for (const chapter of [registration, heartbeats, message, rotation, rotateCommand, restart, outage]) {
    if (!stop.aborted) await chapter(stage, stop);
  }
}

async function endAll({ agents }: Stage): Promise<void> {
  await Promise.all(agents.map((agent) => agent.stop()));
}

/** What the platform saw, a row for each workspace. */
function summary({ emulator, agents }: Stage): string {
  const table = new Table({
    head: ["name", "status", "token", "requests", "401"],
    style: { head: [], border: [] },
  });
  for (const view of emulator.workspaces()) {
    const requests = emulator.requests.filter(({ workspaceId }) => workspaceId === view.id);
    const unauthorized = requests.filter(({ status }) => status === 401);
    const agent = agents.find(({ id }) => id === view.id);
    table.push([
      agent?.name,
      view.status,
      `${view.tokenPrefix ?? ""}…`,
      requests.length,
      unauthorized.length,
    ]);
  }
  return `\n${table.toString()}`;
}
