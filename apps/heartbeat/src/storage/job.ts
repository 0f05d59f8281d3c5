import type { AuthError } from "@x/auth-core";
import type { AbortListener } from "../transport/abort-listeners.ts";

/** One task for a file thread. Its arguments and result are copied between threads. */
export interface Job {
  /** Name of the operation, as the thread's entry knows it. */
  readonly name: string;
  readonly args: unknown;
  /** The same for jobs of one directory: they run one at a time, in the order of the calls. */
  readonly key: string;
  /** Display name of that directory. */
  readonly directory: string;
  /** Creates the caller's error when the job fails for `why`, a sentence without the location. */
  readonly failure: (why: string) => AuthError;
}

/** A job whose caller waits. */
export interface PendingJob extends Job, AbortListener {
  readonly id: number;
  readonly resolve: (value: unknown) => void;
  /** Also removes the listener of the caller's signal. */
  readonly reject: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
}

interface Directory {
  readonly key: string;
  readonly waiting: PendingJob[];
  /** `hung`: its job was abandoned, and the disk has not answered yet. */
  state: "free" | "running" | "hung";
}

/** Jobs that wait for a thread: first come, first served within a directory; directories take turns. */
export class JobQueue {
  /** Directories with a running, waiting or hung job; no others are remembered. */
  readonly #directories = new Map<string, Directory>();
  /** Free directories with something to do, in the order of their turns. */
  readonly #turns = new Set<Directory>();

  /** How many directories have a job that could start. */
  get backlog(): number {
    return this.#turns.size;
  }

  get isEmpty(): boolean {
    return this.#turns.size === 0;
  }

  isHung(key: string): boolean {
    return this.#directories.get(key)?.state === "hung";
  }

  push(job: PendingJob): void {
    const { key } = job;
    const directory: Directory = this.#directories.get(key) ?? { key, waiting: [], state: "free" };
    this.#directories.set(key, directory);
    directory.waiting.push(job);
    if (directory.state === "free") this.#turns.add(directory);
  }

  /** The next job; its directory takes no other until `release`. */
  take(): PendingJob | undefined {
    const [directory] = this.#turns;
    if (directory === undefined) return undefined;
    this.#turns.delete(directory);
    directory.state = "running";
    return directory.waiting.shift();
  }

  /** The directory's job has ended. */
  release(key: string): void {
    const directory = this.#directories.get(key);
    if (directory === undefined) return;
    directory.state = "free";
    if (directory.waiting.length > 0) this.#turns.add(directory);
    else this.#directories.delete(key);
  }

  /** The directory's job was abandoned: nothing else can be done there. Returns the jobs that waited for it. */
  hang(key: string): readonly PendingJob[] {
    const directory = this.#directories.get(key);
    if (directory === undefined) return [];
    directory.state = "hung";
    return directory.waiting.splice(0);
  }

  /** Withdraws a waiting job; false when it no longer waits. */
  remove(job: PendingJob): boolean {
    const directory = this.#directories.get(job.key);
    const index = directory?.waiting.indexOf(job) ?? -1;
    if (directory === undefined || index < 0) return false;
    directory.waiting.splice(index, 1);
    if (directory.waiting.length === 0 && this.#turns.delete(directory)) {
      this.#directories.delete(directory.key);
    }
    return true;
  }

  /** Removes all waiting jobs. */
  removeAll(): readonly PendingJob[] {
    return [...this.#directories.values()].flatMap((directory) => {
      if (this.#turns.delete(directory)) this.#directories.delete(directory.key);
      return directory.waiting.splice(0);
    });
  }
}
