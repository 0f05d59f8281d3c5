/** How often to wait for a pause that the platform asks for, and how long one may be. */
export const MAX_PAUSES = 3;
const MAX_PAUSE_MS = 90_000;
/** The platform rounds a pause down to whole seconds: to 0 in its last second. */
const ROUNDED_MS = 1_000;

/** How long to wait, in milliseconds; `null` if that is too long: the answer is reported. */
export const pauseMsFor = (askedMs: number): number | null =>
  askedMs > MAX_PAUSE_MS ? null : askedMs + ROUNDED_MS;
