import { isAuthError, type TokenStorage } from "@x/auth-core";
import type { WorkspaceRef, WorkspaceStore } from "../storage/workspace-store.ts";
import { type Spilled, SpilledToken } from "../workspace/spilled-token.ts";

export interface OfferOptions {
  readonly store: Pick<WorkspaceStore, "spilled" | "spill" | "spillBasis" | "versions" | "token">;
  /**
   * Another runner of the fleet has the workspace. False for one that this runner keeps alive, because it stores the
   * token itself, and for one of another fleet that uses the same directory, because its token belongs in another
   * store.
   */
  readonly isElsewhere: (ref: WorkspaceRef) => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** The results of storing the tokens that were spilled on this machine. */
export interface Offered {
  /** Now in the shared store. */
  readonly stored: readonly WorkspaceRef[];
  /** The shared store holds a different token, which may be newer. These stay on this machine. */
  readonly kept: readonly WorkspaceRef[];
  /** This machine's file, or the workspace's row in the store, cannot be read or written now. */
  readonly failed: readonly WorkspaceRef[];
}

/**
 * Stores tokens that exist only in this machine's files in the shared store: another runner may own the workspace by
 * now. A token only fills an empty row, or replaces the one that it was received for or an older one; any other stored
 * token is newer.
 *
 * @throws AuthError when the store cannot be reached
 */
export async function offerSpilled({ store, isElsewhere, signal }: OfferOptions): Promise<Offered> {
  const offered = {
    stored: [] as WorkspaceRef[],
    kept: [] as WorkspaceRef[],
    failed: [] as WorkspaceRef[],
  };
  for (const key of await store.spilled()) {
    const ref = refOf(key);
    if (!isElsewhere(ref)) continue;
    const place = new SpilledToken(store, ref);
    const spilled = await place.read().catch(() => undefined);
    if (spilled === null) continue;
    const outcome =
      spilled === undefined ? "failed" : await offer(store.token(ref), place, { spilled, signal });
    offered[outcome].push(ref);
  }
  return offered;
}

interface Offer extends Pick<OfferOptions, "signal"> {
  readonly spilled: Spilled;
}

async function offer(storage: TokenStorage, place: SpilledToken, given: Offer): Promise<keyof Offered> {
  try {
    if (!(await replace(storage, place, given))) return "kept";
  } catch (error) {
    if (isAboutOne(error)) return "failed";
    throw error;
  }
  await place.drop(given.spilled.token);
  return "stored";
}

async function replace(
  storage: TokenStorage,
  place: SpilledToken,
  { spilled, signal }: Offer,
): Promise<boolean> {
  const stored = await storage.read({ signal });
  if (stored === spilled.token) return true;
  if (stored !== null && !place.replaces(spilled, stored)) return false;
  return (await storage.replace?.(stored, spilled.token, { signal })) ?? false;
}

/** Whether the store answered: a row is locked (the cause has a SQLSTATE), or cannot be opened (there is no cause). */
function isAboutOne(error: unknown): boolean {
  if (!isAuthError(error)) return false;
  const { code } = Object(error.cause);
  return error.cause === undefined || (/^[0-9A-Z]{5}$/.test(code) && /\d/.test(code));
}

/** The key, as `refKey` makes it. */
function refOf(key: string): WorkspaceRef {
  const [platformOrigin = "", workspaceId = ""] = key.split(" ");
  return { platformOrigin, workspaceId };
}
