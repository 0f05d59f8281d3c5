import type { TokenStorage } from "@x/auth-core";
import type { NewToken } from "./new-token.ts";
import type { RotationPlatform } from "./platform.ts";
import { formatRecord, isRecordable, platformTime, type RotationRecord, sortTokens } from "./record.ts";
import { failedWith, RotationEnd } from "./result.ts";
import type { Begun, RotationOptions } from "./rotation-options.ts";

interface PreparationOptions extends Pick<RotationOptions, "revokeOthers" | "clock" | "signal"> {
  readonly platform: RotationPlatform;
  readonly newToken: NewToken;
  /** The location of the rotation's record. */
  readonly record: TokenStorage;
}

/** Finds out what could be lost, and prepares for it. */
export class Preparation {
  readonly #options: PreparationOptions;
  readonly #platform: RotationPlatform;
  readonly #newToken: NewToken;
  readonly #record: TokenStorage;

  constructor(options: PreparationOptions) {
    this.#options = options;
    this.#platform = options.platform;
    this.#newToken = options.newToken;
    this.#record = options.record;
  }

  async prepare({ bearer, held, record }: Begun): Promise<RotationRecord> {
    const { revokeOthers = false, clock, signal } = this.#options;
    const live = await this.#platform.tokens(bearer);
    // A token whose answer was lost: that of the mint, or of a rotation that left only the lifeline.
    const mayHaveLostOne = record !== null && (record.lifeline === null || record.lifeline === bearer);
    const { leftovers, others } = sortTokens(live, { held, record, mayHaveLostOne });
    const now = platformTime(live, clock.wall());
    if (others.length > 0 && !revokeOthers) {
      // An interrupted run has left nothing else that the platform accepts.
      if (bearer === record?.lifeline) await this.#newToken.store(bearer, { bearer, held });
      throw new RotationEnd({ outcome: "rejected", reason: { why: "other_tokens", tokens: others, now } });
    }
    if (!live.every(isRecordable)) {
      throw new RotationEnd({ outcome: "failed", message: "the platform's list of tokens has unusable ids" });
    }
    const lifeline = await this.#liveLifeline(record, bearer);
    const next: RotationRecord = {
      since: now,
      known: live.map(({ id }) => id),
      leftovers,
      lifeline,
      issued: null,
    };
    signal.throwIfAborted();
    await this.#record.write(formatRecord(next));
    return lifeline === null ? this.#mint(bearer, { next, hadRecord: record !== null }) : next;
  }

  async #liveLifeline(record: RotationRecord | null, bearer: string): Promise<string | null> {
    const lifeline = record?.lifeline ?? null;
    if (lifeline === null || lifeline === bearer) return lifeline;
    return (await this.#platform.accepts(lifeline)) ? lifeline : null;
  }

  async #mint(
    bearer: string,
    { next, hadRecord }: { readonly next: RotationRecord; readonly hadRecord: boolean },
  ): Promise<RotationRecord> {
    const minted = await this.#platform.keepPauses(() => this.#platform.as(bearer).tokens.mint());
    if (!minted.ok) {
      if (minted.failure.sent === "no" && !hadRecord) await this.#record.remove?.();
      throw failedWith(minted.failure);
    }
    const withLifeline = { ...next, lifeline: minted.value.token };
    await this.#record.write(formatRecord(withLifeline));
    return withLifeline;
  }
}
