/** All problems of a configuration, one per line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is invalid:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

/** Collects problems instead of stopping at the first. */
export class Problems {
  readonly #found: string[] = [];

  /** Returns the result of `read`; if it throws, records the message as a problem and returns `otherwise`. */
  attempt<T>(read: () => T, otherwise: T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof ConfigError) this.#found.push(...error.problems);
      else this.#found.push(error instanceof Error ? error.message : String(error));
      return otherwise;
    }
  }

  /** @throws ConfigError when there were any */
  throwIfAny(): void {
    if (this.#found.length > 0) throw new ConfigError(this.#found);
  }
}
