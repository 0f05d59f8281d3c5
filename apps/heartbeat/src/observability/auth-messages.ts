import type { AuthError, AuthEvent } from "@x/auth-core";
import type { FileStorageEvent } from "@x/auth-node";
import { codeOf } from "./catalogue/catalogue.ts";
import type { LogRecord } from "./log-message.ts";

type Line = Omit<LogRecord, "code">;

/** The log message for an event of the libraries. Events that the agent also reports are at `trace`. */
export function authMessage(event: AuthEvent | FileStorageEvent): LogRecord {
  return { code: codeOf(event.type), ...lineOf(event) };
}

function lineOf(event: AuthEvent | FileStorageEvent): Line {
  switch (event.type) {
    case "sources-disagree":
      return {
        level: "warn",
        text: `${event.location} holds ${event.stored}, ${event.fallbackLocation} ${event.fallback}; remove the stale one`,
      };
    case "source-failed":
      return { level: "error", text: sourceFailure(event.location, event.error) };
    case "token-file-readable-by-others":
      return {
        level: "warn",
        text: `${event.path} is group- or world-readable, and this user may not change that; make this user its owner, with mode 0600`,
      };
    case "token-file-permissions-fixed":
      return { level: "info", text: `${event.path} was group- or world-readable; its mode is now 0600` };
    case "token-file-written-in-place":
      return { level: "info", text: `${event.path} was written in place, not replaced: ${event.why}` };
    case "token-file-migrated":
      return {
        level: "info",
        text: `${event.from} was moved to ${event.path}, the directory of its platform`,
      };
    case "token-file-of-other-platform":
      return {
        level: "warn",
        text: `${event.path} is for ${event.origin}; it is not used for another platform`,
      };
    case "token-file-of-other-workspace":
      return {
        level: "warn",
        text: `${event.path} is for workspace ${event.workspaceId}; it is not used for another one`,
      };
    case "directory-writable-by-others":
      return {
        level: "warn",
        text: `other users can put files into ${event.path}, so no token is written there; make this user its owner, with mode 0700`,
      };
    default:
      return { level: "trace", text: event.type };
  }
}

/** The error about text pasted instead of a token does not say where the text is. */
function sourceFailure(location: string, { code, message }: AuthError): string {
  return code === "TOKEN_INVALID" ? `The token in ${location} cannot be used. ${message}` : message;
}
