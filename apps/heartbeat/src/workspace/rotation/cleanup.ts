import type { WorkspaceRef, WorkspaceStore } from "../../storage/workspace-store.ts";
import type { RotationPlatform } from "./platform.ts";
import { formatRecord, type RotationRecord, sortTokens } from "./record.ts";
import { failedWith } from "./result.ts";

export interface CleanupOptions {
  readonly ref: WorkspaceRef;
  readonly store: Pick<WorkspaceStore, "spill" | "rotation">;
  readonly platform: RotationPlatform;
  /** Also revokes the other tokens that were live before the rotation. */
  readonly revokeOthers?: boolean;
}

interface Rotated {
  readonly held: readonly string[];
  readonly record: RotationRecord | null;
}

/** Removes what a rotation has left on the platform and on disk. */
export class Cleanup {
  readonly #options: CleanupOptions;

  constructor(options: CleanupOptions) {
    this.#options = options;
  }

  /**
   * Revokes what has survived the rotation. Since the rotation issued a new token, none of the others is the last live
   * one, which keeps other clients from registering.
   *
   * @throws RotationEnd
   */
  async revokeOld(token: string, { held, record }: Rotated): Promise<void> {
    const { platform, store, ref, revokeOthers = false } = this.#options;
    const live = await platform.tokens(token);
    const own = sortTokens(live, { held: [token] }).held;
    const old = [...held, record?.lifeline ?? ""].filter((text) => text !== "" && text !== token);
    const { held: survivors, leftovers } = sortTokens(live, { held: old, record });
    const named = revokeOthers ? (record?.known ?? []) : [];
    const ids = new Set([...survivors, ...leftovers, ...named]);
    // The new token must be identified before others are revoked.
    if (own.size === 1) {
      for (const { id } of live) if (ids.has(id) && !own.has(id)) await this.#revoke(token, id);
    }
    const spill = store.spill(ref);
    const spilled = await spill.read();
    if (spilled !== null && [...held, token].includes(spilled)) await spill.remove?.({ only: spilled });
    await store.rotation(ref).remove?.();
  }

  /** Nothing was rotated: revokes the lifeline. What fails now is left to the next run. */
  async undo({ bearer, record }: Rotated & { readonly bearer: string }): Promise<void> {
    const { platform, store, ref } = this.#options;
    if (record === null || record.lifeline === null || record.lifeline === bearer) return;
    try {
      const [id] = sortTokens(await platform.tokens(bearer), { held: [record.lifeline] }).held;
      if (id !== undefined) await this.#revoke(bearer, id);
    } catch {
      return;
    }
    const own = store.rotation(ref);
    if (record.leftovers.length === 0) await own.remove?.();
    else await own.write(formatRecord({ ...record, lifeline: null }));
  }

  async #revoke(bearer: string, id: string): Promise<void> {
    const { platform } = this.#options;
    const result = await platform.keepPauses(() => platform.as(bearer).tokens.revoke(id));
    if (!result.ok && result.failure.code !== "TOKEN_NOT_FOUND") throw failedWith(result.failure);
  }
}
