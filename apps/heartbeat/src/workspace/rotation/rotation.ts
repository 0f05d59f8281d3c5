import { isAuthError, type TokenStorage } from "@x/auth-core";
import type { AgentCard, Issued } from "@x/platform-client";
import { sleep } from "../../clock.ts";
import { Cleanup } from "./cleanup.ts";
import { heldTokens, staleSource } from "./held-tokens.ts";
import { NewToken } from "./new-token.ts";
import { RotationPlatform } from "./platform.ts";
import { Preparation } from "./preparation.ts";
import { fingerprint, formatRecord, parseRecord, type RotationRecord } from "./record.ts";
import { failedWith, RotationEnd, type RotationResult } from "./result.ts";
import type { Begun, RotationOptions } from "./rotation-options.ts";

/** How often to retry after a lost answer. */
const MAX_ATTEMPTS = 3;
/** How long another process may take to store its new token. */
const STORING_MS = 1_000;

const REPLACED = { outcome: "failed", message: "another process has replaced the token meanwhile" } as const;

/**
 * Replaces a workspace's token by a new one. It may be killed at any moment: each step is recorded before it is taken,
 * and the next run resumes it.
 *
 * Before it revokes the old token, it mints and stores an API token: on a platform where API tokens survive a rotation,
 * it can repeat a rotation whose answer was lost.
 *
 * @returns does not reject when the platform or the storage fail
 */
export async function rotateToken(options: RotationOptions): Promise<RotationResult> {
  try {
    const rotation = new Rotation(options);
    await rotation.probe();
    for (let attempt = 1; ; attempt += 1) {
      const result = await rotation.attempt();
      if (result !== null) return result;
      if (attempt === MAX_ATTEMPTS) return { outcome: "failed", message: "the platform's answers were lost" };
    }
  } catch (error) {
    if (error instanceof RotationEnd) return error.result;
    if (options.signal.aborted) return { outcome: "failed", message: "interrupted" };
    if (isAuthError(error)) return { outcome: "failed", message: error.message };
    throw error;
  }
}

class Rotation {
  readonly #options: RotationOptions;
  readonly #platform: RotationPlatform;
  readonly #newToken: NewToken;
  readonly #preparation: Preparation;
  readonly #cleanup: Cleanup;
  readonly #record: TokenStorage;
  #isResumed = false;

  constructor(options: RotationOptions) {
    const { ref, store } = options;
    this.#options = options;
    this.#platform = new RotationPlatform({ ...options, workspaceId: ref.workspaceId });
    this.#newToken = new NewToken({ ...options, platform: this.#platform });
    this.#cleanup = new Cleanup({ ...options, platform: this.#platform });
    this.#record = store.rotation(ref);
    const { revokeOthers = false, clock, signal } = options;
    this.#preparation = new Preparation({
      platform: this.#platform,
      newToken: this.#newToken,
      record: this.#record,
      revokeOthers,
      clock,
      signal,
    });
  }

  /** Sends nothing until it is known that an issued token can be stored. */
  async probe(): Promise<void> {
    const { store, ref } = this.#options;
    try {
      await store.token(ref).probe?.();
      await this.#record.probe?.();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new RotationEnd({ outcome: "rejected", reason: { why: "storage", message } });
    }
  }

  /** `null` when the answer was lost, and the outcome of the request must be determined. */
  async attempt(): Promise<RotationResult | null> {
    const record = await this.#readRecord();
    this.#isResumed ||= record !== null;
    const held = await heldTokens(this.#options, record);
    if (held.length === 0) return { outcome: "rejected", reason: { why: "no_token" } };
    const bearer = await this.#findLive(held);
    if (bearer === null) return this.#registerAgain({ held, record });
    // Any other one may be an API token, without which anyone could register as the workspace: so it is rotated once
    // more.
    if (record?.issued === fingerprint(bearer)) return this.#finish(bearer, { bearer, held, record });
    const prepared = await this.#preparation.prepare({ bearer, held, record }).catch(async (error) => {
      // It was live a moment ago.
      if (isUnauthorized(error) && (await this.#isReplaced(held))) throw new RotationEnd(REPLACED);
      throw error;
    });
    return this.#rotate({ bearer, held, record: prepared });
  }

  async #readRecord(): Promise<RotationRecord | null> {
    const line = await this.#record.read();
    if (line === null) return null;
    const record = parseRecord(line);
    if (record !== null) return record;
    const message = `${this.#record.location} is not the record of a rotation: move it away`;
    throw new RotationEnd({ outcome: "rejected", reason: { why: "storage", message } });
  }

  async #findLive(tokens: readonly string[]): Promise<string | null> {
    for (const token of tokens) {
      if (await this.#platform.accepts(token)) return token;
    }
    return null;
  }

  /** Once the request is sent, aborts are ignored: whatever the platform has changed must be stored. */
  async #rotate(begun: Begun): Promise<RotationResult | null> {
    const { bearer } = begun;
    this.#options.signal.throwIfAborted();
    let issued: string | null = null;
    const client = this.#platform.as(bearer, async ({ token }: Issued) => {
      if (token === undefined) return;
      issued = token;
      await this.#newToken.store(token, begun);
    });
    const result = await this.#platform.keepPauses(() => client.rotate());
    if (issued !== null) return this.#finish(issued, begun);
    if (result.ok || result.failure.kind === "unauthorized" || result.failure.sent !== "no") return null;
    const { failure } = result;
    await this.#cleanup.undo(begun);
    if (failure.code !== "WORKSPACE_NOT_EXTERNAL") throw failedWith(failure);
    return { outcome: "rejected", reason: { why: "not_external", failure } };
  }

  /**
   * None of the tokens is live. If no other is either, any client that registers is issued a token, so this registers.
   * If another one is live, the platform rejects it.
   */
  async #registerAgain({ held, record }: Omit<Begun, "bearer">): Promise<RotationResult> {
    const [bearer = ""] = held;
    const begun = { bearer, held, record };
    let issued: string | null = null;
    const client = this.#platform.as(bearer, async ({ token }: Issued) => {
      if (token === undefined) return;
      issued = token;
      await this.#newToken.store(token, begun);
    });
    const found = await client.workspace();
    if (!found.ok) throw failedWith(found.failure);
    const known = found.value.agentCard;
    const agentCard: AgentCard =
      typeof known === "object" && known !== null && !Array.isArray(known)
        ? { ...known }
        : this.#options.card;
    const result = await client.checkAndRegister({ agentCard });
    if (issued !== null) return this.#finish(issued, begun);
    if (result.ok)
      return { outcome: "failed", message: "the platform accepted a registration but rejects its token" };
    if (result.failure.kind !== "unauthorized") throw failedWith(result.failure);
    if (!(await this.#isReplaced(held))) return { outcome: "locked_out" };
    return REPLACED;
  }

  /** Another rotation at the same time stores its new token a moment after the platform has revoked the others. */
  async #isReplaced(held: readonly string[]): Promise<boolean> {
    await sleep(this.#options.clock, STORING_MS);
    const now = await heldTokens(this.#options, await this.#readRecord());
    return (await this.#findLive(now.filter((token) => !held.includes(token)))) !== null;
  }

  /** The new token is issued, and stored as far as possible. */
  async #finish(token: string, begun: Begun): Promise<RotationResult> {
    const { record } = begun;
    // Not needed for a stored token: without it, the next run only rotates once more.
    if (record !== null && record.issued === null) {
      const marked = formatRecord({ ...record, issued: fingerprint(token) });
      await Promise.resolve(this.#record.write(marked)).catch(() => {});
    }
    const location = await this.#newToken.confirm(token);
    await this.#cleanup.revokeOld(token, begun);
    const stale = await staleSource(this.#options, token);
    return {
      outcome: "rotated",
      location,
      isResumed: this.#isResumed,
      ...(stale !== undefined && { staleSource: stale }),
    };
  }
}

function isUnauthorized(error: unknown): boolean {
  const result = error instanceof RotationEnd ? error.result : null;
  return result?.outcome === "failed" && result.failure?.kind === "unauthorized";
}
