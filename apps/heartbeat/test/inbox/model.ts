import type { ActivityRow, MessageOutcome, PlatformClient, PlatformResult } from "@x/platform-client";
import type { FailedMessage, InboxChange, InboxLog } from "../../src/storage/workspace-store.ts";
import type { InboxMessage } from "../../src/workspace/inbox/message.ts";
import { virtualClock } from "../virtual-clock.ts";

type Product = typeof import("./product.ts");

/** What a handler does with a message, depending on its text. */
export type Behaviour = "answer" | "answer alike" | "silent" | "fail once" | "fail";
/** What happens to a request that has an effect. */
export type Network = "works" | "answer lost" | "request lost";

interface Sent {
  readonly message: string;
  readonly sender: string | null;
  readonly behaviour: Behaviour;
  readonly isAnswer: boolean;
}

const SELF = "11111111-1111-4111-8111-111111111111";

/**
 * A platform with one workspace's feed, its journal, and runs of its inbox that can be killed at each step: each effect
 * outside of the process counts as one step.
 */
export class InboxWorld {
  readonly clock = virtualClock();
  readonly sent = new Map<string, Sent>();
  /** The events in order, such as `start m1`, `answer m1`, `aside m1`, `done m1`. */
  readonly trace: string[] = [];
  readonly problems: string[] = [];
  readonly #product: Product;
  #rows: ActivityRow[] = [];
  #lines: string[] = [];
  readonly #answers = new Set<string>();
  readonly #failedOnce = new Set<string>();
  #networks: Network[] = [];
  #count = 0;
  #life = 0;
  #stepsLeft = Number.POSITIVE_INFINITY;
  #killed = () => {};
  #job: InstanceType<Product["InboxJob"]> | null = null;

  constructor(product: Product) {
    this.#product = product;
    // No clock ticks in whole milliseconds.
    this.clock.stall(0.4758);
  }

  arrive(sender: string | null, behaviour: Behaviour, isAnswer: boolean): void {
    this.#count += 1;
    const message = `m${this.#count}`;
    this.sent.set(message, { message, sender, behaviour, isAnswer });
    const metadata = isAnswer ? { in_reply_to: "x" } : {};
    const body = {
      params: { message: { messageId: message, parts: [{ kind: "text", text: message }], metadata } },
    };
    this.#append({ sourceId: sender, requestBody: body });
  }

  /** Network conditions of the next requests with an effect. */
  network(next: readonly Network[]): void {
    this.#networks.push(...next);
  }

  /** The platform drops rows, including the cursor's, but none that waits. */
  prune(): void {
    const done = this.#memory().loaded().done;
    const waits = this.#rows.findIndex(({ id, method }) => method !== "notify" && !done.includes(id));
    this.#rows = this.#rows.slice(waits < 0 ? this.#rows.length - 1 : waits);
  }

  /** Checks the inbox and does what can be done, unless the process is killed after this many steps. */
  async check(killAfter = Number.POSITIVE_INFINITY): Promise<void> {
    const job = this.#job ?? this.#start();
    this.#job = job;
    this.#stepsLeft = killAfter;
    const killed = new Promise<"killed">((resolve) => {
      this.#killed = () => resolve("killed");
    });
    const never = new AbortController().signal;
    const worked = job.run(never).then(() => job.settled());
    if ((await Promise.race([worked, killed])) !== "killed") return;
    this.#job = null;
  }

  /** Ends all faults and runs until nothing changes. */
  async quiet(): Promise<void> {
    this.#networks = [];
    for (let round = 0; round < 12; round += 1) {
      await this.check();
      await this.clock.advance(120_000);
    }
  }

  /** Lost, repeated and misordered messages. */
  verify(): string[] {
    const problems = [...this.problems];
    const before = new Map<string | null, string>();
    for (const { message, sender, behaviour, isAnswer } of this.sent.values()) {
      const answers = this.#countOf(`answer ${message}`);
      const wanted = behaviour === "silent" || isAnswer ? 0 : 1;
      // Two equal answers to the user cannot be distinguished from one that was repeated.
      const mayRepeat = (behaviour === "fail" || behaviour === "answer alike") && !isAnswer;
      if (mayRepeat ? answers < 1 : answers !== wanted) problems.push(`${message}: ${answers} answers`);
      if (behaviour === "fail" && this.#countOf(`aside ${message}`) === 0)
        problems.push(`${message}: not set aside`);
      if (this.#countOf(`start ${message}`) === 0) problems.push(`${message}: lost`);
      if (this.#countOf(`done ${message}`) === 0) problems.push(`${message}: never done`);
      const previous = before.get(sender);
      if (
        previous !== undefined &&
        this.trace.indexOf(`start ${message}`) < this.trace.indexOf(`settled ${previous}`)
      )
        problems.push(`${message} before ${previous}`);
      before.set(sender, message);
    }
    return problems;
  }

  #countOf(event: string): number {
    return this.trace.filter((each) => each === event).length;
  }

  #append(row: Pick<ActivityRow, "sourceId"> & Partial<ActivityRow>): void {
    this.clock.stall(1_000);
    const id = `row-${this.#count}-${this.#rows.length}-${this.trace.length}`;
    const createdAt = new Date(this.clock.wall()).toISOString();
    const rest = {
      targetId: SELF,
      responseBody: null,
      requestBody: null,
      summary: "",
      status: "ok",
      createdAt,
    };
    this.#rows.push({ id, activityType: "a2a_receive", method: "message/send", ...rest, ...row });
  }

  #memory() {
    return this.#product.readInbox(Buffer.from(this.#lines.map((line) => `${line}\n`).join("")));
  }

  #start(): InstanceType<Product["InboxJob"]> {
    const { clock } = this;
    const life = this.#life;
    const turns = new this.#product.MessageTurns(1);
    return new this.#product.InboxJob(
      { client: this.#client(life), emit: () => {} },
      {
        settings: {
          everyMs: 5_000,
          timeoutMs: 300_000,
          turns,
          onMessage: (message) => this.#handle(message, life),
        },
        openLog: () => this.#log(life),
        clock,
        auth: { getToken: async () => null },
      },
    );
  }

  /** One step: the process may be killed before or after it. */
  async #step<T>(life: number, effect: () => T): Promise<T> {
    await this.#mayDie(life);
    const result = effect();
    await this.#mayDie(life);
    return result;
  }

  async #mayDie(life: number): Promise<void> {
    if (life !== this.#life) await new Promise(() => {});
    this.#stepsLeft -= 1;
    if (this.#stepsLeft > 0) return;
    this.#life += 1;
    this.#stepsLeft = Number.POSITIVE_INFINITY;
    this.#killed();
    await new Promise(() => {});
  }

  async #handle({ message_id, text }: InboxMessage, life: number): Promise<string | null> {
    await this.#step(life, () => this.trace.push(`start ${message_id}`));
    if (this.#countOf(`done ${message_id}`) > 0)
      this.problems.push(`${message_id}: handled after it was done`);
    const behaviour = this.sent.get(message_id)?.behaviour;
    if (behaviour === "fail") throw new Error("handler failed");
    if (behaviour === "fail once" && !this.#failedOnce.has(message_id)) {
      this.#failedOnce.add(message_id);
      throw new Error("handler failed once");
    }
    if (behaviour === "answer alike") return "ok";
    return behaviour === "silent" ? null : `re: ${text}`;
  }

  #log(life: number): InboxLog {
    return {
      location: "inbox",
      failedLocation: "failed",
      load: () => this.#step(life, () => this.#memory().loaded()),
      append: (changes) =>
        this.#step(life, () => {
          this.#lines.push(...changes.map((change) => JSON.stringify(change)));
          for (const change of changes) this.#appended(change);
        }),
      setAside: (failed) => this.#step(life, () => this.#setAside(failed)),
    };
  }

  #appended(change: InboxChange): void {
    if (!("done" in change)) return;
    const message = this.#messageOf(change.done);
    this.trace.push(`done ${message}`, `settled ${message}`);
  }

  #setAside({ message }: FailedMessage): void {
    this.trace.push(`aside ${(message as InboxMessage).message_id}`);
  }

  #messageOf(row: string): string {
    return [...this.sent.keys()][Number(row.split("-")[1]) - 1] ?? "?";
  }

  #client(life: number): PlatformClient {
    const part: Pick<PlatformClient, "workspaceId" | "activity" | "notify" | "sendMessage"> = {
      workspaceId: SELF,
      activity: (query = {}) => this.#step(life, () => this.#activity(query)),
      notify: ({ message }) =>
        this.#effect(life, () => {
          this.#checkDurable(message, null);
          this.#said(message, null);
          this.#append({ sourceId: null, method: "notify", responseBody: { result: message } });
          return null;
        }),
      sendMessage: ({ to, text = "", messageId = "", metadata }) =>
        this.#effect(life, (): MessageOutcome => {
          this.#checkDurable(text, to);
          if (!this.#answers.has(messageId)) this.#said(text, String(metadata?.in_reply_to));
          this.#answers.add(messageId);
          return { outcome: "queued_for_poll", messageId, reply: null, queueId: "" };
        }),
    };
    // The inbox calls no others.
    return part as PlatformClient;
  }

  /**
   * An answer to a workspace names its message; one to the user is matched by its text, or else it is the next one's.
   */
  #said(text: string, inReplyTo: string | null): void {
    const waiting = [...this.sent.values()].find(
      ({ message, sender, behaviour, isAnswer }) =>
        sender === null &&
        behaviour === (text === "ok" ? "answer alike" : "fail") &&
        !isAnswer &&
        this.#countOf(`answer ${message}`) === 0,
    );
    const message = inReplyTo ?? (text.startsWith("re: ") ? text.slice(4) : waiting?.message);
    this.trace.push(`answer ${message}`);
  }

  #checkDurable(text: string, to: string | null): void {
    const isStored = this.#memory()
      .loaded()
      .answers.some((answer) => answer.text === text && answer.to === to);
    if (!isStored) this.problems.push(`"${text}" was sent before it was stored`);
  }

  async #effect<T>(life: number, work: () => T): Promise<PlatformResult<T>> {
    const network = this.#networks.shift() ?? "works";
    const value = await this.#step(life, () => (network === "request lost" ? null : work()));
    if (network === "works") return { ok: true, status: 200, value: value as T, latencyMs: 1 };
    const failure = {
      kind: "unavailable",
      code: "TIMEOUT",
      status: 0,
      message: "",
      retryAfterMs: 0,
      sent: "maybe",
    };
    return { ok: false, failure: failure as never };
  }

  #activity({
    sinceId,
    sinceSecs,
    limit = 100,
  }: Parameters<PlatformClient["activity"]>[0] & object): PlatformResult<readonly ActivityRow[]> {
    const ok = (value: readonly ActivityRow[]) => ({ ok: true, status: 200, value, latencyMs: 1 }) as const;
    if (sinceId === undefined) {
      const from = sinceSecs === undefined ? 0 : this.clock.wall() - sinceSecs * 1_000;
      const recent = this.#rows.filter(({ createdAt }) => Date.parse(createdAt) >= from);
      return ok(recent.reverse().slice(0, limit));
    }
    const at = this.#rows.findIndex(({ id }) => id === sinceId);
    if (at >= 0) return ok(this.#rows.slice(at + 1, at + 1 + limit));
    const failure = {
      kind: "invalid",
      code: "CURSOR_NOT_FOUND",
      status: 410,
      message: "",
      retryAfterMs: 0,
      sent: "no",
    };
    return { ok: false, failure: failure as never };
  }
}
