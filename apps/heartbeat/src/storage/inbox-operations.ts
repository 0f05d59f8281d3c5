import { appendFailedMessage, appendInbox, loadInbox } from "./inbox-journal.ts";
import { FAILED_MESSAGES_FILE, INBOX_FILE, inboxOwner } from "./locations.ts";
import type { FileOperations } from "./operations.ts";
import { inOwnDirectory } from "./own-directory.ts";
import type { WorkspaceDirectories } from "./workspace-directories.ts";

type Operations = Pick<FileOperations, "loadInbox" | "appendInbox" | "appendFailedMessage">;

const READING = { what: "The inbox", fileName: INBOX_FILE, code: "STORAGE_READ_FAILED" } as const;
const WRITING = { what: "The inbox", fileName: INBOX_FILE, code: "STORAGE_WRITE_FAILED" } as const;
const SETTING_ASIDE = { ...WRITING, what: "A failed message", fileName: FAILED_MESSAGES_FILE };

/** A file thread's operations on inboxes. */
export function inboxOperations(directories: WorkspaceDirectories): Operations {
  return {
    loadInbox: (place, signal) =>
      inOwnDirectory(directories, place, { ...READING, signal }, ({ configsDir }) =>
        loadInbox(configsDir, inboxOwner(place)),
      ),
    appendInbox: ({ place, lines }, signal) =>
      inOwnDirectory(directories, place, { ...WRITING, signal }, ({ configsDir }) =>
        appendInbox(configsDir, lines),
      ),
    appendFailedMessage: ({ place, line, rotateBytes }, signal) =>
      inOwnDirectory(directories, place, { ...SETTING_ASIDE, signal }, ({ configsDir }) =>
        appendFailedMessage(configsDir, line, rotateBytes),
      ),
  };
}
