/** Prints the current step, the duration of each, and failures. */
export class Progress {
  readonly #started = performance.now();
  readonly #failures: string[] = [];

  /** Runs steps in order; a failing step aborts the run. */
  async step<T>(name: string, work: () => Promise<T> | T): Promise<T> {
    const started = performance.now();
    process.stdout.write(`${name} …\n`);
    try {
      const result = await work();
      process.stdout.write(`  done in ${seconds(started)}\n`);
      return result;
    } catch (error) {
      this.fail(name, error);
      throw new Aborted();
    }
  }

  note(line: string): void {
    process.stdout.write(`  ${line}\n`);
  }

  /** Records a failure and continues, for independent checks. */
  fail(name: string, error: unknown): void {
    this.#failures.push(name);
    const message = error instanceof Error ? error.message : String(error);
    process.stdout.write(`  FAILED ${name}\n${message.replaceAll(/^/gm, "    ")}\n`);
  }

  /** The exit code. */
  finish(): number {
    const time = seconds(this.#started);
    if (this.#failures.length === 0) process.stdout.write(`\nRehearsed in ${time}: no failures.\n`);
    else
      process.stdout.write(
        `\nFailed after ${time}:\n${this.#failures.map((name) => `- ${name}\n`).join("")}`,
      );
    return this.#failures.length === 0 ? 0 : 1;
  }
}

/** Thrown after a failed step was reported. */
export class Aborted extends Error {}

const seconds = (started: number): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
