import { createHash } from "node:crypto";
import type { TokenStorage } from "@x/auth-core";
import type { SpillStorage, WorkspaceRef, WorkspaceStore } from "../storage/workspace-store.ts";

const fingerprint = (token: string): string => createHash("sha256").update(token).digest("hex");

/** Enough for every version that a store remembers, and as many tokens that were spilled one after another. */
const MOST_OLDER = 32;

/** A spilled token, and what it replaces. */
export interface Spilled {
  readonly token: string;
  /** The bearer of the request that it answered; `null` if there was none or it is unknown. */
  readonly sentWith: string | null;
  /** Older tokens: versions of the stored token, and fingerprints. */
  readonly older: readonly string[];
}

/** One line. The bearer comes last, because a token may contain spaces. */
const formatBasis = ({ token, older, sentWith }: Spilled): string =>
  `${fingerprint(token)} ${older.join(",")} ${sentWith}`;

/** Reads the line's facts about the token; none when it is about another one. */
function parseBasis(line: string | null, token: string): Omit<Spilled, "token"> {
  const [, of, older = "", sentWith = null] = /^(\w+) (\S*) (.+)$/.exec(line ?? "") ?? [];
  if (of !== fingerprint(token)) return { sentWith: null, older: [] };
  return { sentWith, older: older.split(",").filter((each) => each !== "") };
}

/** A workspace's token that its own storage does not hold yet, stored next to the runner's state. */
export class SpilledToken {
  readonly #store: Pick<WorkspaceStore, "versions">;
  readonly #ref: WorkspaceRef;
  readonly #token: SpillStorage;
  /** `null` when there is no record of what it replaces. */
  readonly #basis: SpillStorage | null;

  constructor(store: Pick<WorkspaceStore, "spill" | "spillBasis" | "versions">, ref: WorkspaceRef) {
    this.#store = store;
    this.#ref = ref;
    this.#token = store.spill(ref);
    this.#basis = store.spillBasis?.(ref) ?? null;
  }

  get location(): string {
    return this.#token.location;
  }

  async read(): Promise<Spilled | null> {
    const token = await this.#token.read();
    if (token === null) return null;
    return { token, ...parseBasis(this.#basis && (await readable(this.#basis)), token) };
  }

  /**
   * Whether it replaces the stored token, which must be the one that it was received for or an older one: any other may
   * be newer.
   */
  replaces({ sentWith, older }: Spilled, stored: string): boolean {
    if (stored === sentWith || older.includes(fingerprint(stored))) return true;
    const [version] = this.#versions(stored);
    return version !== undefined && older.includes(version);
  }

  /**
   * Returns false when it could not be written. The reason is reported for the token's own storage; this copy is only a
   * help.
   */
  async write(token: string, sentWith: string | null): Promise<boolean> {
    // Without the record, the token is stored only if there is none.
    const basis = sentWith === null ? null : this.#basis;
    const older = basis === null ? [] : await this.#olderThan(sentWith);
    try {
      await this.#token.write(token);
    } catch {
      return false;
    }
    await Promise.resolve(basis?.write(formatBasis({ token, sentWith, older }))).catch(() => {});
    return true;
  }

  /**
   * Removes the token, unless a newer one is or has just been written there. A leftover is offered again at the next
   * start, and changes nothing then.
   */
  async drop(token: string): Promise<void> {
    const line = this.#basis && (await readable(this.#basis));
    if ((await readable(this.#token)) !== token) return;
    await Promise.resolve(this.#token.remove?.({ only: token })).catch(() => {});
    if (line) await Promise.resolve(this.#basis?.remove?.({ only: line })).catch(() => {});
  }

  /** The store has seen what the bearer replaced, or the bearer itself is a spilled token. */
  async #olderThan(bearer: string | null): Promise<readonly string[]> {
    const versions = this.#versions(bearer);
    if (versions.length > 0) return versions;
    const spilled = await this.read().catch(() => null);
    if (spilled === null || spilled.token !== bearer) return [];
    const before = spilled.sentWith === null ? [] : [fingerprint(spilled.sentWith)];
    return [...before, ...spilled.older].slice(0, MOST_OLDER);
  }

  #versions(token: string | null): readonly string[] {
    return this.#store.versions?.(this.#ref, token) ?? [];
  }
}

/** The stored text; `null` also when it cannot be read and so must be written again. */
export async function readable(storage: TokenStorage): Promise<string | null> {
  try {
    return await storage.read();
  } catch {
    return null;
  }
}
