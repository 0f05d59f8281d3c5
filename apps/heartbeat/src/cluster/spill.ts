import type { WorkspaceRef, WorkspaceStore } from "../storage/workspace-store.ts";
import { SpilledToken } from "../workspace/spilled-token.ts";

export interface OfferOptions {
  readonly store: Pick<WorkspaceStore, "spilled" | "spill" | "spillBasis" | "token">;
  /** This runner keeps the workspace alive, and offers the token itself. */
  readonly isOurs: (ref: WorkspaceRef) => boolean;
}

/** What became of the tokens that were spilled on this machine. */
export interface Offered {
  /** The shared store has these now. */
  readonly stored: readonly WorkspaceRef[];
  /** The shared store holds another token, which may be newer. They stay here. */
  readonly kept: readonly WorkspaceRef[];
}

/**
 * Offers the tokens that this machine has in its files only to the shared store: a workspace may be another runner's by
 * now. One replaces nothing, or what it was received for; whatever else is stored is newer.
 *
 * @throws AuthError when the store cannot be reached
 */
export async function offerSpilled({ store, isOurs }: OfferOptions): Promise<Offered> {
  const offered = { stored: [] as WorkspaceRef[], kept: [] as WorkspaceRef[] };
  for (const key of await store.spilled()) {
    const ref = refOf(key);
    if (isOurs(ref)) continue;
    const place = new SpilledToken(store, ref);
    const spilled = await place.read();
    if (spilled === null) continue;
    const isStored = await offer(store, ref, spilled);
    if (isStored) await place.drop(spilled.token);
    offered[isStored ? "stored" : "kept"].push(ref);
  }
  return offered;
}

async function offer(
  store: OfferOptions["store"],
  ref: WorkspaceRef,
  { token, sentWith }: { readonly token: string; readonly sentWith: string | null },
): Promise<boolean> {
  const storage = store.token(ref);
  const stored = await storage.read();
  if (stored === token) return true;
  if (stored !== null && stored !== sentWith) return false;
  return (await storage.replace?.(stored, token)) ?? false;
}

/** Of a key as `refKey` makes it. */
function refOf(key: string): WorkspaceRef {
  const [platformOrigin = "", workspaceId = ""] = key.split(" ");
  return { platformOrigin, workspaceId };
}
