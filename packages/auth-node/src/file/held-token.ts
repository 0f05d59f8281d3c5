import { isAuthError } from "@x/auth-core";
import type { Access } from "./access.ts";
import { codeOf, writeFailure } from "./fs-errors.ts";
import { type FileLocation, pathOf } from "./location.ts";
import { type OriginEntry, otherOrigins } from "./origins-list.ts";
import { readTokenFile } from "./read-token-file.ts";

/** A token file before a change. */
export interface Held {
  /** The file's content, whichever platform it is for. */
  readonly stored: string | null;
  /** The other platforms that the content is known to be for; empty if it is this platform's. */
  readonly others: readonly string[];
}

/** What the file holds. */
export async function readHeld(
  access: Access,
  location: FileLocation,
  entries: readonly OriginEntry[],
  origin: string | null,
): Promise<Held> {
  const stored = await readStored(access, location, entries, origin);
  return { stored, others: stored === null ? [] : otherOrigins(entries, stored, origin) };
}

/**
 * Reads the file, which may hold another platform's token. Invalid content cannot be set aside, and saving replaces it;
 * but an unreadable file may hold another platform's token.
 */
async function readStored(
  access: Access,
  location: FileLocation,
  entries: readonly OriginEntry[],
  origin: string | null,
): Promise<string | null> {
  if (entries.length === 0) return null;
  try {
    return await readTokenFile(access, location);
  } catch (error) {
    if (access.signal?.aborted) throw error;
    const cause = isAuthError(error) ? error.cause : error;
    if (codeOf(cause) === "" || entries.every((entry) => entry.origin === origin)) return null;
    const why = `its content cannot be read (${codeOf(cause)}), and may be another platform's token. Move the file away, then save again.`;
    throw writeFailure(pathOf(location), why, cause);
  }
}
