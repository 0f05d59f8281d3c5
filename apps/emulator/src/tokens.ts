import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import type { Clock } from "./contract.ts";
import { keepNewest, MAX_KNOWN_TOKENS } from "./limits.ts";

/**
 * `instance`: issued by a register, by the operator or by a rotation. `api`: minted by the workspace beside it. Only
 * a live instance token closes the registry to others.
 */
export type TokenKind = "instance" | "api";

/** What is kept of a live token: enough to recognise it, nothing to use it with. */
export interface TokenRecord {
  readonly id: string;
  readonly kind: TokenKind;
  /** Its first 8 characters, for people. */
  readonly prefix: string;
  readonly hash: Buffer;
  readonly createdAt: number;
  lastUsedAt: number | null;
}

/** A token as the platform mints it: 32 random bytes, 43 characters of unpadded base64url. */
function mintToken(): string {
  return randomBytes(32).toString("base64url");
}

/** The SHA-256 of a token, the only form in which tokens are kept and compared. */
export function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** The tokens of every workspace, without a token in it. */
export class TokenStore {
  readonly #clock: Clock;
  readonly #onIssued: (token: string) => void;
  readonly #live = new Map<string, TokenRecord[]>();
  readonly #everIssuedTo = new Set<string>();
  /** Whose token a hash is. Outlives a reset, so that a forgotten token is still recognised where it must not be shown. */
  readonly #everIssued = new Map<string, string>();

  /** @param onIssued called with each token; nothing else ever holds one */
  constructor(clock: Clock, onIssued: (token: string) => void) {
    this.#clock = clock;
    this.#onIssued = onIssued;
  }

  /** Mints a token beside those that are live. This is the only time anyone sees it. */
  issue(workspaceId: string, kind: TokenKind): { token: string; record: TokenRecord } {
    const token = mintToken();
    this.#onIssued(token);
    const hash = digest(token);
    const record: TokenRecord = {
      id: randomUUID(),
      kind,
      prefix: token.slice(0, 8),
      hash,
      createdAt: this.#clock.now(),
      lastUsedAt: null,
    };
    this.#live.set(workspaceId, [...this.live(workspaceId), record]);
    this.#everIssuedTo.add(workspaceId);
    this.#everIssued.set(hash.toString("hex"), workspaceId);
    keepNewest(this.#everIssued, MAX_KNOWN_TOKENS);
    return { token, record };
  }

  /** The live tokens of a workspace, oldest first. */
  live(workspaceId: string): readonly TokenRecord[] {
    return this.#live.get(workspaceId) ?? [];
  }

  /** Whether one of them is an instance token. */
  hasLiveInstance(workspaceId: string): boolean {
    return this.live(workspaceId).some(({ kind }) => kind === "instance");
  }

  /** Whether the workspace was ever given a token, also when none is live any more. */
  wasIssuedTo(workspaceId: string): boolean {
    return this.#everIssuedTo.has(workspaceId);
  }

  /** Whether this is one of the workspace's live tokens; another workspace's token is not. */
  verify(workspaceId: string, presented: Buffer): boolean {
    let found: TokenRecord | undefined;
    // All of them are compared, so that the time taken does not tell which one matched.
    for (const record of this.live(workspaceId)) {
      if (timingSafeEqual(record.hash, presented)) found = record;
    }
    if (found) found.lastUsedAt = this.#clock.now();
    return found !== undefined;
  }

  /** Revokes one token; false when the workspace has no such live token. */
  revoke(workspaceId: string, tokenId: string): boolean {
    const live = this.live(workspaceId);
    const rest = live.filter((record) => record.id !== tokenId);
    this.#live.set(workspaceId, rest);
    return rest.length < live.length;
  }

  /** Revokes every token of the workspace, or those of one kind, and says how many there were. */
  revokeAll(workspaceId: string, kind?: TokenKind): number {
    const live = this.live(workspaceId);
    const rest = kind === undefined ? [] : live.filter((record) => record.kind !== kind);
    this.#live.set(workspaceId, rest);
    return live.length - rest.length;
  }

  /** The workspace that this is a live token of, or undefined. */
  workspaceOf(presented: Buffer): string | undefined {
    const workspaceId = this.#everIssued.get(presented.toString("hex"));
    if (workspaceId === undefined) return undefined;
    return this.live(workspaceId).some(({ hash }) => hash.equals(presented)) ? workspaceId : undefined;
  }

  /** The workspace that this was issued to, live or not, as far as it is still known. */
  issuedTo(presented: Buffer): string | undefined {
    return this.#everIssued.get(presented.toString("hex"));
  }

  /** Forgets a workspace and its tokens. */
  forget(workspaceId: string): void {
    this.#live.delete(workspaceId);
    this.#everIssuedTo.delete(workspaceId);
  }

  /** Whether this is the hash (hex) of one of the newest 100,000 tokens that were ever issued here. */
  knows(hash: string): boolean {
    return this.#everIssued.has(hash);
  }

  /** Forgets all tokens, as a database that was reset does. */
  clear(): void {
    this.#live.clear();
    this.#everIssuedTo.clear();
  }
}
