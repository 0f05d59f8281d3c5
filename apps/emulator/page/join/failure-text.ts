import type { PlatformFailure } from "@x/platform-client";

/** A failure for people, as part of a sentence. */
export function failureText({ kind, code, status, message }: PlatformFailure): string {
  if (code === "WORKSPACE_REMOVED") return "the workspace was removed";
  // The other kinds are not temporary platform states, and their messages say what to do.
  if (kind !== "unavailable") return message;
  return status === 0 ? "no answer" : `answered ${status}`;
}
