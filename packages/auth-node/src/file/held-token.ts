import { isAuthError } from "@x/auth-core";
import type { Access } from "./access.ts";
import type { Audience } from "./audience.ts";
import { codeOf, writeFailure } from "./fs-errors.ts";
import { type FileLocation, pathOf } from "./location.ts";
import { isFor, type OriginEntry, otherOwners } from "./origins-list.ts";
import { readTokenFile } from "./read-token-file.ts";

/** A token file before a change. */
export interface Held {
  /** The file's content, whomever it is for. */
  readonly stored: string | null;
  /** Whom else the content is known to be for; empty if it is for this audience. */
  readonly others: readonly OriginEntry[];
}

/** What the file holds. */
export async function readHeld(
  access: Access,
  location: FileLocation,
  entries: readonly OriginEntry[],
  audience: Audience | null,
): Promise<Held> {
  const stored = await readStored(access, location, entries, audience);
  return { stored, others: stored === null ? [] : otherOwners(entries, stored, audience) };
}

/**
 * Reads the file, which may hold another's token. Invalid content cannot be set aside, and saving replaces it; but an
 * unreadable file may hold another's token.
 */
async function readStored(
  access: Access,
  location: FileLocation,
  entries: readonly OriginEntry[],
  audience: Audience | null,
): Promise<string | null> {
  if (entries.length === 0) return null;
  try {
    return await readTokenFile(access, location);
  } catch (error) {
    if (access.signal?.aborted) throw error;
    const cause = isAuthError(error) ? error.cause : error;
    const areOurs = audience !== null && entries.every((entry) => isFor(entry, audience));
    if (codeOf(cause) === "" || areOurs) return null;
    const why = `its content cannot be read (${codeOf(cause)}), and may be another platform's or workspace's token. Move the file away, then save again.`;
    throw writeFailure(pathOf(location), why, cause);
  }
}
