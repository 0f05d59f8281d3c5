import type { AuthEvent } from "@x/auth-core";
import type { FileStorageEvent } from "@x/auth-node";
import { placeName } from "./place-name.ts";
import type { LogLine } from "./worker/log-lines.ts";

/** What a log says of an event of the libraries. What the worker tells of itself anyway is for `trace`. */
export function authEventLine(event: AuthEvent | FileStorageEvent, isFleet: boolean): LogLine {
  switch (event.type) {
    case "sources-disagree":
      return {
        level: "warn",
        text: `${event.location} holds ${event.stored}, ${placeName(isFleet)} ${event.variable}; remove the stale one`,
      };
    case "source-failed":
      return { level: "error", text: event.error.message };
    case "token-file-exposed":
      return {
        level: "warn",
        text: `${event.path} can be read by others and is not ours to change; have its owner make it 0600`,
      };
    case "token-file-tightened":
      return { level: "info", text: `${event.path} could be read by others; its mode is 0600 now` };
    case "token-file-written-in-place":
      return { level: "info", text: `${event.path} was written in place, not replaced: ${event.why}` };
    default:
      return { level: "trace", text: event.type };
  }
}
