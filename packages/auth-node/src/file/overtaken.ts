import { writeFailure } from "./fs-errors.ts";
import { type FileLocation, pathOf } from "./location.ts";

/** How often to retry while other processes change the same files. */
const MOST_CHANGES = 20;

/** Another process has changed what a change was based on. */
export class Overtaken extends Error {}

/** Called just before a file is replaced; rejects with `Overtaken` if it must not be. */
export type Recheck = () => Promise<void>;

/**
 * Repeats a change if another process changed the same files meanwhile. There is no lock, because a killed process would
 * leave it behind; a short race remains, between the check and the rename.
 *
 * @throws AuthError `STORAGE_WRITE_FAILED` if others keep changing them
 */
export async function untilNotOvertaken<T>(location: FileLocation, change: () => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt <= MOST_CHANGES; attempt += 1) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
    }
  }
  throw writeFailure(pathOf(location), "other processes keep changing it. Save again.", undefined);
}
