/** Instead of a text: no reader yet; readers got different results; the read failed. */
const NOTHING = Symbol("nothing");
const DIFFERENT = Symbol("different");
const UNREADABLE = Symbol("unreadable");

type Content = string | null | typeof UNREADABLE;

/** What was returned to readers since the storage was created or, for a watcher, since it was last notified. */
interface Account {
  given: Content | typeof NOTHING | typeof DIFFERENT;
}

interface Follower {
  /** Whether there has been a read since the storage was created. */
  readonly hasReaders: boolean;
  /** Whether all readers got exactly what `read` returns now. If not, they count as notified of it. */
  haveAll(read: () => Promise<string | null>): Promise<boolean>;
  end(): void;
}

/**
 * Tracks what a storage's readers were given, so that a watcher is not notified of a change that makes no difference: a
 * `touch`, a `chmod`, the same token written again.
 *
 * Comparing with the previous check is not enough: if another token and then the old one are written, a check may see
 * only the latter, while a reader has the former.
 */
export class Readers {
  readonly #allReaders: Account = { given: NOTHING };
  #accounts: readonly Account[] = [this.#allReaders];
  #underWay = 0;

  /** Runs a read and records its result. */
  reading(read: () => Promise<string | null>): Promise<string | null> {
    return this.#counted(async () => {
      try {
        const text = await read();
        this.#give(text);
        return text;
      } catch (error) {
        this.#give(UNREADABLE);
        throw error;
      }
    });
  }

  /** Runs a write; afterwards, no reader counts as up to date. */
  writing<T>(write: () => Promise<T>): Promise<T> {
    return this.#counted(async () => {
      try {
        return await write();
      } finally {
        for (const account of this.#accounts) account.given = DIFFERENT;
      }
    });
  }

  /** Starts tracking for one watcher. */
  follow(): Follower {
    const account: Account = { ...this.#allReaders };
    this.#accounts = [...this.#accounts, account];
    return {
      get hasReaders() {
        return account.given !== NOTHING;
      },
      haveAll: async (read) => {
        const found: Content = await read().catch(() => UNREADABLE);
        // A read in flight may still return the old token.
        const all = this.#underWay === 0 && account.given === found;
        if (!all) account.given = found;
        return all;
      },
      end: () => {
        this.#accounts = this.#accounts.filter((other) => other !== account);
      },
    };
  }

  #give(content: Content): void {
    for (const account of this.#accounts) {
      if (account.given === NOTHING) account.given = content;
      else if (account.given !== content) account.given = DIFFERENT;
    }
  }

  async #counted<T>(run: () => Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await run();
    } finally {
      this.#underWay -= 1;
    }
  }
}
