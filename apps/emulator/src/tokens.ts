import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import type { Clock } from "./contract.ts";
import { keepNewest, MAX_KNOWN_TOKENS } from "./limits.ts";

/**
 * `instance`: issued by a registration, by the operator or by a rotation. `api`: minted by the workspace in addition.
 * Only a live instance token protects the registry.
 */
export type TokenKind = "instance" | "api";

/** The record of a live token: enough to recognise it, not to use it. */
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

/** The SHA-256 of a token, the only form in which tokens are stored and compared. */
export function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** The tokens of every workspace, stored only as hashes. */
export class TokenStore {
  readonly #clock: Clock;
  readonly #onIssued: (token: string) => void;
  readonly #live = new Map<string, TokenRecord[]>();
  readonly #everIssuedTo = new Set<string>();
  /** The owner of each hash. Survives a reset, so that old tokens are still redacted. */
  readonly #everIssued = new Map<string, string>();

  /** @param onIssued called with each token, which is not stored anywhere else */
  constructor(clock: Clock, onIssued: (token: string) => void) {
    this.#clock = clock;
    this.#onIssued = onIssued;
  }

  /** Issues a token in addition to the live ones. It is returned only here. */
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

  /** Whether the workspace was ever issued a token, even if none is live now. */
  wasIssuedTo(workspaceId: string): boolean {
    return this.#everIssuedTo.has(workspaceId);
  }

  /** Whether this is one of the workspace's live tokens; those of other workspaces do not count. */
  verify(workspaceId: string, presented: Buffer): boolean {
    let found: TokenRecord | undefined;
    // All of them are compared, so that timing does not reveal which one matched.
    for (const record of this.live(workspaceId)) {
      if (timingSafeEqual(record.hash, presented)) found = record;
    }
    if (found) found.lastUsedAt = this.#clock.now();
    return found !== undefined;
  }

  /** Revokes one token; false if the workspace has no such live token. */
  revoke(workspaceId: string, tokenId: string): boolean {
    const live = this.live(workspaceId);
    const rest = live.filter((record) => record.id !== tokenId);
    this.#live.set(workspaceId, rest);
    return rest.length < live.length;
  }

  /** Revokes every token of the workspace, or those of one kind. @returns their number */
  revokeAll(workspaceId: string, kind?: TokenKind): number {
    const live = this.live(workspaceId);
    const rest = kind === undefined ? [] : live.filter((record) => record.kind !== kind);
    this.#live.set(workspaceId, rest);
    return live.length - rest.length;
  }

  /** The workspace of this live token, or undefined. */
  workspaceOf(presented: Buffer): string | undefined {
    const workspaceId = this.#everIssued.get(presented.toString("hex"));
    if (workspaceId === undefined) return undefined;
    return this.live(workspaceId).some(({ hash }) => hash.equals(presented)) ? workspaceId : undefined;
  }

  /** The workspace to which this token was issued, live or not, if still known. */
  issuedTo(presented: Buffer): string | undefined {
    return this.#everIssued.get(presented.toString("hex"));
  }

  /** Deletes a workspace's tokens. */
  forget(workspaceId: string): void {
    this.#live.delete(workspaceId);
    this.#everIssuedTo.delete(workspaceId);
  }

  /** Whether this is the hash (hex) of one of the newest 100,000 tokens issued here. */
  knows(hash: string): boolean {
    return this.#everIssued.has(hash);
  }

  /** Deletes all tokens, like a database reset. */
  clear(): void {
    this.#live.clear();
    this.#everIssuedTo.clear();
  }
}
