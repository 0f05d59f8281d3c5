export { InboxMemory, readInbox } from "../../src/storage/inbox-lines.ts";
export { MessageTurns } from "../../src/workspace/inbox/turns.ts";
export { InboxJob } from "../../src/workspace/jobs/inbox.ts";
