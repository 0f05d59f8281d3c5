import type { PlatformFailure } from "@x/platform-client";

/** What failed, for people, as part of a sentence. */
export function failureText({ kind, code, status, message }: PlatformFailure): string {
  if (code === "WORKSPACE_REMOVED") return "the workspace was removed";
  // The other kinds are not the platform's state at the moment, and their messages say what is to be done.
  if (kind !== "unavailable") return message;
  return status === 0 ? "no answer" : `answered ${status}`;
}
