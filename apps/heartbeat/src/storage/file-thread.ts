import { Worker } from "node:worker_threads";
import type { Clock } from "../clock.ts";
import type { PendingJob } from "./job.ts";
import { builtFile } from "./own-file.ts";
import { type Answer, fromPlain, type Message, type Question, type ThreadData } from "./protocol.ts";

/** Its work is small; what goes beyond this is a mistake, and ends the thread rather than the process. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 };

export interface FileThreadOptions {
  /** Its code. Default: the one that this package's build has made. */
  readonly entry: URL | string | undefined;
  readonly after: Clock["after"];
  readonly answerMs: number;
  /** For the job that begins now. */
  readonly slowMs: () => number;
}

/** A busy machine may need long to load the thread's code, which says nothing of any disk but the program's own. */
const START_MS = 10_000;

/** What a thread reports of its job. */
export interface FileThreadListener {
  onEvent(message: Message & { type: "event" }): void;
  /** The job takes longer than `slowMs`. */
  onSlow(): void;
  /** The job takes longer than `answerMs`. Its caller still waits. */
  onHang(job: PendingJob): void;
  /** The job has ended, and its caller knows; of a thread that hung, the disk has answered at last. */
  onAnswer(job: PendingJob): void;
  /** The thread ended, and no `end()` had asked for that. */
  onCrash(job: PendingJob | null): void;
}

/**
 * A thread that does file work with calls that block, so that a disk which hangs blocks this thread and nothing else:
 * the pool that the asynchronous calls share has four threads, for all files and the host names of the process.
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

  /** @throws Error when the code cannot be found, because it was not built */
  constructor(options: FileThreadOptions, listener: FileThreadListener) {
    this.#options = options;
    this.#listener = listener;
    this.#cancelled = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const workerData: ThreadData = { cancelled: this.#cancelled };
    this.#worker = new Worker(options.entry ?? builtFile("file-worker.js"), {
      workerData,
      // Neither the process's flags nor its environment variables are meant for it, and one may hold a token.
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

  /** Starts a job, and keeps the process alive until it is answered. */
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

  /** The job is to end at its next step. It still answers. */
  cancel(): void {
    Atomics.store(this.#cancelled, 0, 1);
  }

  /** Settles once it has ended, which it does not while a call of the system blocks it. */
  end(): Promise<unknown> {
    this.#cancelTimer();
    this.#ended ??= this.#worker.terminate();
    return this.#ended;
  }

  /** Waits for the answer in steps: after a pause of the whole process (SIGSTOP) only one of them is over. */
  #watch(job: PendingJob, { stepMs, waitedMs }: { stepMs: number; waitedMs: number }): void {
    const { answerMs, after } = this.#options;
    this.#cancelTimer();
    this.#cancelTimer = after(stepMs, () => {
      // An answer that came while this thread was busy is taken first.
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
      // An unforeseen error may quote the token in its text.
      const isOurs = error.authCode !== undefined;
      job.reject(isOurs ? fromPlain(error) : job.failure(`it failed (${describe(error)}).`));
    }
  }
}

/** Name and code: the messages of others may quote a secret. */
function describe(error: unknown): string {
  const { name, code }: { name?: unknown; code?: unknown } = Object(error);
  return [name, code].filter((part) => typeof part === "string").join(" ") || "unknown";
}
