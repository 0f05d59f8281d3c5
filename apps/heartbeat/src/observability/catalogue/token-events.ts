import { type EventGroup, NOTHING } from "./event-kind.ts";

const BEHIND_OTHERS = "a library event behind one of the lines above";

export const tokenEvents = {
  title: "Tokens",
  events: {
    TOKEN_RECEIVED: { levels: ["info"], what: "the platform issued a token", fix: NOTHING },
    TOKEN_SAVED: { levels: ["info", "trace"], what: "a token was stored; the line says where", fix: NOTHING },
    TOKEN_UNSAVED: {
      levels: ["error", "debug"],
      what: "a token could not be stored; the line says whether it survives a restart",
      fix: "[make its directory writable](troubleshooting.md#the-token-cannot-be-stored) before you stop the runner",
    },
    SPILLED_TOKEN_UNREADABLE: {
      levels: ["error", "debug"],
      what: "a token that an earlier process could not store elsewhere cannot be read; it may be the live one",
      fix: "[make it readable](troubleshooting.md#it-cannot-be-read) before you issue a new one",
    },
    TOKEN_LOST: {
      levels: ["error"],
      what: "the runner stopped with a token that was only in memory (exit code 4)",
      fix: "[issue a new token and store it](troubleshooting.md#exit-code-4)",
    },
    REGISTRATION_UNANSWERED: {
      levels: ["warn"],
      what: "the runner was stopped before the platform answered a registration, which may have issued a token",
      fix: "start it again; if the platform then rejects the workspace, [issue a new token and store it](troubleshooting.md#exit-code-4)",
    },
    TOKEN_RECOVERED: {
      levels: ["info"],
      what: "after a 401 the same request was accepted with another token",
      fix: NOTHING,
    },
    TOKEN_UNUSABLE: {
      levels: ["error"],
      what: "the platform issued something that cannot be a token",
      fix: "report it to the platform's operator",
    },
    STORAGE_NOT_WRITABLE: {
      levels: ["warn"],
      what: "the workspace registers with its token, but a new one could not be stored",
      fix: "[make its directory writable](troubleshooting.md#the-token-cannot-be-stored)",
    },
    SECRET_SAVED: { levels: ["info"], what: "the platform's inbound secret is stored", fix: NOTHING },
    SECRET_UNSAVED: {
      levels: ["error", "debug"],
      what: "the secret could not be stored; retried",
      fix: "make the workspace's directory writable for the runner",
    },
  },
} as const satisfies EventGroup;

export const sourceEvents = {
  title: "Sources of tokens",
  events: {
    SOURCES_DISAGREE: {
      levels: ["warn"],
      what: "two sources hold different tokens",
      fix: "[remove the stale one](troubleshooting.md#the-file-and-the-environment-variable-hold-different-tokens)",
    },
    SOURCE_FAILED: {
      levels: ["error", "debug"],
      what: "a source cannot be read, or its text is not a token",
      fix: "[make it readable](troubleshooting.md#it-cannot-be-read), or [put a token there](troubleshooting.md#the-configured-text-is-not-a-token)",
    },
    TOKEN_FILE_READABLE_BY_OTHERS: {
      levels: ["warn"],
      what: "other users can read the file, and the runner cannot change that",
      fix: "[give it to the runner's user](troubleshooting.md#other-users-could-read-it), mode 0600",
    },
    DIRECTORY_WRITABLE_BY_OTHERS: {
      levels: ["warn"],
      what: "other users can write to the directory, so no token is stored there",
      fix: "[give it to the runner's user, mode 0700](troubleshooting.md#other-users-can-write-to-its-directory)",
    },
    TOKEN_FILE_OF_OTHER_PLATFORM: {
      levels: ["warn"],
      what: "the file's token belongs to another platform and is not used",
      fix: "[check `PLATFORM_URL`](troubleshooting.md#after-platform_url-changed-the-workspace-has-no-token)",
    },
    TOKEN_FILE_OF_OTHER_WORKSPACE: {
      levels: ["warn"],
      what: "the file's token belongs to another workspace and is not used",
      fix: "[check `WORKSPACE_ID`](troubleshooting.md#after-workspace_id-changed-the-workspace-has-no-token)",
    },
    TOKEN_FILE_PERMISSIONS_FIXED: {
      levels: ["info"],
      what: "other users could read the file; its mode is now 0600",
      fix: "if someone may have read it, issue a new token",
    },
    TOKEN_FILE_WRITTEN_IN_PLACE: {
      levels: ["info"],
      what: "the file could not be replaced, so it was overwritten in place",
      fix: "mount the directory, not the file",
    },
    TOKEN_FILE_MIGRATED: {
      levels: ["info"],
      what: "a file of an earlier version was moved to its platform's directory",
      fix: NOTHING,
    },
    TOKEN_REJECTED: { levels: ["trace"], what: BEHIND_OTHERS, fix: NOTHING },
    TOKEN_ROTATED: { levels: ["trace"], what: BEHIND_OTHERS, fix: NOTHING },
    SAVE_FAILED: { levels: ["trace"], what: BEHIND_OTHERS, fix: NOTHING },
    SAVE_CONFLICT: { levels: ["trace"], what: BEHIND_OTHERS, fix: NOTHING },
    STORAGE_CHANGED: { levels: ["trace"], what: BEHIND_OTHERS, fix: NOTHING },
  },
} as const satisfies EventGroup;
