/** What is not a text: nobody has read yet; not everybody was given the same; it could not be read. */
const NOTHING = Symbol("nothing");
const DIFFERENT = Symbol("different");
const UNREADABLE = Symbol("unreadable");

type Content = string | null | typeof UNREADABLE;

/** What was given since the storage was made or, to one watcher's account, since that watcher was last told. */
interface Account {
  given: Content | typeof NOTHING | typeof DIFFERENT;
}

interface Follower {
  /** Whether anybody has read since the storage was made. */
  readonly hasReaders: boolean;
  /** Whether everybody has exactly what `read` finds now. If not, they are taken to be told of it. */
  haveAll(read: () => Promise<string | null>): Promise<boolean>;
  end(): void;
}

/**
 * What those who read through a storage have been given, so that a watcher need not be told of a change that changed
 * nothing for them: a `touch`, a `chmod`, the same token written once more.
 *
 * Comparing with what the file held at the last look would not do: of two writes in a row (another token, then the old
 * one again) a look may find only the second, while a reader has the first.
 */
export class Readers {
  readonly #everybody: Account = { given: NOTHING };
  #accounts: readonly Account[] = [this.#everybody];
  #underWay = 0;

  /** Runs a read and remembers what it gave. */
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

  /** Runs a write, after which the writer is taken to hold something that nobody has read. */
  writing<T>(write: () => Promise<T>): Promise<T> {
    return this.#counted(async () => {
      try {
        return await write();
      } finally {
        for (const account of this.#accounts) account.given = DIFFERENT;
      }
    });
  }

  /** Begins to account for one watcher. */
  follow(): Follower {
    const account: Account = { ...this.#everybody };
    this.#accounts = [...this.#accounts, account];
    return {
      get hasReaders() {
        return account.given !== NOTHING;
      },
      haveAll: async (read) => {
        const found: Content = await read().catch(() => UNREADABLE);
        // A read under way may still give what was there before.
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
