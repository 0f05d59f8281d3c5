/** Prints what is going on, how long each part took, and what failed. */
export class Progress {
  readonly #started = performance.now();
  readonly #failures: string[] = [];

  /** Does one thing after the other: what fails here ends the whole. */
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

  /** Keeps a failure for the end, so that what is independent of it goes on. */
  fail(name: string, error: unknown): void {
    this.#failures.push(name);
    const message = error instanceof Error ? error.message : String(error);
    process.stdout.write(`  FAILED ${name}\n${message.replaceAll(/^/gm, "    ")}\n`);
  }

  /** The exit code. */
  finish(): number {
    const time = seconds(this.#started);
    if (this.#failures.length === 0) process.stdout.write(`\nRehearsed in ${time}: all is well.\n`);
    else
      process.stdout.write(
        `\nFailed after ${time}:\n${this.#failures.map((name) => `- ${name}\n`).join("")}`,
      );
    return this.#failures.length === 0 ? 0 : 1;
  }
}

/** Thrown when a step failed, after it was reported. */
export class Aborted extends Error {}

const seconds = (started: number): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
