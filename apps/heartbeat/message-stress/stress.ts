import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Emulator, startEmulator } from "@x/emulator";
import { RunnerProcess } from "../soak/runner-process.ts";
import { type Counts, countAnswers, type FeedRow, type Sent } from "./count.ts";
import { createSiblings, feedOf, inParallel, type Member, sendMessage } from "./platform.ts";

export interface StressOptions {
  readonly workspaces: number;
  readonly messages: number;
  /** Spread over the answers: the runner is killed shortly after each further part of them has arrived. */
  readonly kills: number;
  /** The period over which the messages are sent. */
  readonly sendMs: number;
  /** How long nothing may change once every message has its answer. */
  readonly quietMs: number;
  /** After this time, unanswered messages count as lost. */
  readonly giveUpMs: number;
  readonly inboxSeconds: number;
  readonly directory: string;
  readonly random: () => number;
  readonly onProgress: (line: string) => void;
}

export interface StressReport extends Counts {
  readonly kills: number;
  readonly seconds: number;
}

/** Answers a message with its text. */
const ON_MESSAGE = String.raw`sed -n 's/.*"text":"\([^"]*\)".*/re: \1/p'`;

const answerTo = (text: string): string => `re: ${text}`;

/** The fraction of the messages that other workspaces send; users send the rest. */
const FROM_WORKSPACES = 0.2;

/**
 * Sends messages to many workspaces while their runner is killed again and again, then waits until nothing changes and
 * counts the results.
 */
export async function stress(options: StressOptions): Promise<StressReport> {
  const { workspaces, directory, kills, inboxSeconds, random, sendMs, onProgress } = options;
  const startedAt = Date.now();
  const emulator = await startEmulator({ rateLimit: { max: 1_000_000_000, windowMs: 60_000 } });
  const listFile = join(directory, "workspaces.json");
  const runner = new RunnerProcess({
    args: [
      ...["--workspaces-file", listFile, "--on-message", ON_MESSAGE],
      ...["--inbox-interval", String(inboxSeconds), "--interval", "60"],
    ],
    env: { PLATFORM_URL: emulator.url, CONFIGS_DIR: directory },
    logFile: join(directory, "log.jsonl"),
  });
  try {
    const members = createSiblings(emulator, workspaces);
    writeFileSync(listFile, JSON.stringify(members), { mode: 0o600 });
    const sent = plan(members, options);
    const progress = new Progress(emulator, sent.filter(({ from }) => from !== null).length);
    runner.start();
    const sending = send(emulator, { members, sent, overMs: sendMs });
    for (let kill = 1; kill <= kills; kill += 1) {
      await progress.reached(kill / (kills + 1));
      await delay(2_000 * random());
      await runner.end("SIGKILL");
      runner.start();
      onProgress(`killed ${kill} times, with ${Math.round(100 * progress.part)} % of the answers sent`);
    }
    await sending;
    const feeds = await untilQuiet(emulator, members, sent, options);
    const counts = countAnswers(sent, feeds, answerTo);
    return { ...counts, kills, seconds: Math.round((Date.now() - startedAt) / 1000) };
  } finally {
    await runner.end("SIGKILL");
    await emulator.close();
  }
}

/** Which fraction of the answers to workspaces has arrived; the emulator reports each message. */
class Progress {
  readonly #expected: number;
  #messages = 0;
  #onMessage = () => {};

  /** @param fromWorkspaces how many messages workspaces send */
  constructor(emulator: Emulator, fromWorkspaces: number) {
    this.#expected = fromWorkspaces;
    emulator.subscribe((event) => {
      if (event.type !== "message" || event.from === null) return;
      this.#messages += 1;
      this.#onMessage();
    });
  }

  get part(): number {
    // In the end each appears twice: the message, and its answer.
    return Math.max(0, this.#messages - this.#expected) / this.#expected;
  }

  reached(part: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onMessage = () => {
        if (this.part >= part) resolve();
      };
      this.#onMessage();
    });
  }
}

function plan(members: readonly Member[], { messages, random }: StressOptions): Sent[] {
  const any = () => members[Math.floor(random() * members.length)]?.id ?? "";
  return Array.from({ length: messages }, (_, index) => {
    const to = any();
    const other = any();
    return { text: `m-${index}`, to, from: random() < FROM_WORKSPACES && other !== to ? other : null };
  });
}

async function send(
  emulator: Emulator,
  { members, sent, overMs }: { members: readonly Member[]; sent: readonly Sent[]; overMs: number },
): Promise<void> {
  const byId = new Map(members.map((member) => [member.id, member]));
  const startedAt = Date.now();
  for (const [index, { text, to, from }] of sent.entries()) {
    const dueMs = startedAt + (overMs * index) / sent.length - Date.now();
    if (dueMs > 5) await delay(dueMs);
    await sendMessage(emulator, { to, text, from: from === null ? null : (byId.get(from) ?? null) });
  }
}

/** Waits until every message has its answer, or a timeout, and then until nothing changes any more. */
async function untilQuiet(
  emulator: Emulator,
  members: readonly Member[],
  sent: readonly Sent[],
  { quietMs, giveUpMs, onProgress }: StressOptions,
): Promise<Map<string, readonly FeedRow[]>> {
  const startedAt = Date.now();
  let rows = -1;
  for (;;) {
    await delay(quietMs);
    const feeds = new Map<string, readonly FeedRow[]>();
    await inParallel(members.length, async (index) => {
      const member = members[index];
      if (member !== undefined) feeds.set(member.id, await feedOf(emulator, member));
    });
    const { lost } = countAnswers(sent, feeds, answerTo);
    onProgress(`${lost} messages wait for an answer`);
    const total = [...feeds.values()].reduce((sum, feed) => sum + feed.length, 0);
    if ((lost === 0 || Date.now() - startedAt > giveUpMs) && total === rows) return feeds;
    rows = total;
  }
}
