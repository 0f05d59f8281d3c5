import { writeFailure } from "./fs-errors.ts";
import { type FileLocation, pathOf } from "./location.ts";

/** As often may other processes change the same files during a change. */
const MOST_CHANGES = 20;

/** Another process has changed what a change was based on. */
export class Overtaken extends Error {}

/** Called just before a file is replaced; rejects with `Overtaken` if it must not be. */
export type Recheck = () => Promise<void>;

/**
 * Makes a change again if another process, of another platform, has changed the same files meanwhile. There is no lock,
 * which a killed process would leave behind; what remains is the moment between the check and the rename.
 *
 * @throws AuthError `STORAGE_WRITE_FAILED` if that never ends
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
