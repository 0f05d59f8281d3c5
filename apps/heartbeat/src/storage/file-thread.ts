import { Worker } from "node:worker_threads";
import type { Clock } from "../clock.ts";
import type { PendingJob } from "./job.ts";
import { builtFile } from "./own-file.ts";
import { type Answer, fromPlain, type Message, type Question, type ThreadData } from "./protocol.ts";

/** Its jobs are small; exceeding this is a bug, and ends the thread rather than the process. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 };

export interface FileThreadOptions {
  /** Its code. @default the one in this package's build */
  readonly entry: URL | string | undefined;
  readonly after: Clock["after"];
  readonly answerMs: number;
  /** For the job that now starts. */
  readonly slowMs: () => number;
}

/** A busy machine may load the thread's code slowly, which says nothing about the disks of workspaces. */
const START_MS = 10_000;

/** Events of a thread's job. */
export interface FileThreadListener {
  onEvent(message: Message & { type: "event" }): void;
  /** The job takes longer than `slowMs`. */
  onSlow(): void;
  /** The job takes longer than `answerMs`. Its caller still waits. */
  onHang(job: PendingJob): void;
  /** The job has ended, and its caller knows; for a hung thread, the disk has finally answered. */
  onAnswer(job: PendingJob): void;
  /** The thread exited without `end()`. */
  onCrash(job: PendingJob | null): void;
}

/**
 * A thread that does file work with blocking calls, so that a hanging disk blocks only this thread: the pool behind the
 * asynchronous calls has four threads, for all files and host names of the process.
 */
export class FileThread {
  /** `hung`: the caller has its error, and only the thread still waits. */
  state: "starting" | "ready" | "slow" | "hung" = "starting";
  job: PendingJob | null = null;
  readonly #options: FileThreadOptions;
  readonly #listener: FileThreadListener;
  readonly #worker: Worker;
  readonly #cancelled: Int32Array;
  #cancelTimer = () => {};
  #ended: Promise<unknown> | null = null;

  /** @throws Error when the code is not found because it was not built */
  constructor(options: FileThreadOptions, listener: FileThreadListener) {
    this.#options = options;
    this.#listener = listener;
    this.#cancelled = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const workerData: ThreadData = { cancelled: this.#cancelled };
    this.#worker = new Worker(options.entry ?? builtFile("file-worker.js"), {
      workerData,
      // The process's flags and environment variables are not for the thread, and one may hold a token.
      env: {},
      execArgv: [],
      resourceLimits: RESOURCE_LIMITS,
      name: "files",
    });
    let why: unknown;
    this.#worker.on("message", (message: Message) => this.#receive(message));
    this.#worker.on("error", (error) => {
      why = error;
    });
    this.#worker.on("exit", () => this.#crashed(why));
    this.#worker.unref();
  }

  /** Starts a job and keeps the process alive until it is answered. */
  begin(job: PendingJob): void {
    const { id, name, args } = job;
    const question: Question = { id, name, args };
    this.job = job;
    Atomics.store(this.#cancelled, 0, 0);
    this.#worker.ref();
    this.#worker.postMessage(question);
    if (this.state === "starting") this.#watch(job, { stepMs: START_MS, waitedMs: this.#options.answerMs });
    else this.#watch(job, { stepMs: this.#options.slowMs(), waitedMs: 0 });
  }

  /** Asks the job to end at its next step. It still answers. */
  cancel(): void {
    Atomics.store(this.#cancelled, 0, 1);
  }

  /** Settles once it has exited, which a blocking system call prevents. */
  end(): Promise<unknown> {
    this.#cancelTimer();
    this.#ended ??= this.#worker.terminate();
    return this.#ended;
  }

  /** Waits for the answer in steps: a pause of the whole process (SIGSTOP) uses up only one of them. */
  #watch(job: PendingJob, { stepMs, waitedMs }: { stepMs: number; waitedMs: number }): void {
    const { answerMs, after } = this.#options;
    this.#cancelTimer();
    this.#cancelTimer = after(stepMs, () => {
      // An answer that arrived while this thread was busy is processed first.
      setImmediate(() => {
        if (this.job !== job || this.#ended !== null) return;
        const nowMs = waitedMs + stepMs;
        if (nowMs >= answerMs) {
          this.#hang(job);
          return;
        }
        this.state = "slow";
        this.#watch(job, { stepMs: Math.min(answerMs / 4, answerMs - nowMs), waitedMs: nowMs });
        this.#listener.onSlow();
      });
    });
  }

  #hang(job: PendingJob): void {
    this.state = "hung";
    this.cancel();
    this.#worker.unref();
    this.#listener.onHang(job);
  }

  #receive(message: Message): void {
    if (message.type === "event") this.#listener.onEvent(message);
    else if (message.type === "ready") this.#ready();
    else if (this.job?.id === message.id) this.#answered(this.job, message);
  }

  #ready(): void {
    if (this.state !== "starting") return;
    this.state = "ready";
    if (this.job !== null) this.#watch(this.job, { stepMs: this.#options.slowMs(), waitedMs: 0 });
  }

  #answered(job: PendingJob, message: Answer): void {
    this.#cancelTimer();
    this.#worker.unref();
    this.job = null;
    if (this.state !== "hung") {
      this.state = "ready";
      settle(job, message);
    }
    this.#listener.onAnswer(job);
  }

  #crashed(error: unknown): void {
    if (this.#ended !== null) return;
    void this.end();
    const { job } = this;
    this.job = null;
    if (this.state !== "hung") job?.reject(job.failure(`the thread for it ended (${describe(error)}).`));
    this.#listener.onCrash(job);
  }
}

function settle(job: PendingJob, answer: Answer): void {
  switch (answer.type) {
    case "done":
      job.resolve(answer.value);
      break;
    case "cancelled":
      job.reject(job.signal?.reason);
      break;
    case "failed": {
      const { error } = answer;
      // The text of an unexpected error may quote the token.
      const isOurs = error.authCode !== undefined;
      job.reject(isOurs ? fromPlain(error) : job.failure(`it failed (${describe(error)}).`));
    }
  }
}

/** Name and code: messages of other errors may quote a secret. */
function describe(error: unknown): string {
  const { name, code }: { name?: unknown; code?: unknown } = Object(error);
  return [name, code].filter((part) => typeof part === "string").join(" ") || "unknown";
}
