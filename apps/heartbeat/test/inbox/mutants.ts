import { mutantsOf } from "../support/mutants.ts";

const STEPS = "apps/heartbeat/src/workspace/inbox/message-steps.ts";
const QUEUE = "apps/heartbeat/src/workspace/inbox/queue.ts";
const DELIVER = "apps/heartbeat/src/workspace/inbox/deliver.ts";
const MESSAGE = "apps/heartbeat/src/workspace/inbox/message.ts";
const JOB = "apps/heartbeat/src/workspace/jobs/inbox.ts";

/** Faults in the inbox, and the model's error messages. */
export const INBOX_MUTANTS = mutantsOf({
  [STEPS]: {
    "an answer is sent before it is stored": {
      shows: /was sent before it was stored/,
      find: "await this.#log.append([{ answer: item.answer }]);",
    },
    "an answer counts as sent when it is stored": {
      shows: /0 answers/,
      find: 'item.step = "send";',
      replacement: 'item.step = "finish";',
    },
  },
  [DELIVER]: {
    "an answer to the user that may have arrived is repeated": {
      shows: /2 answers/,
      find: "if (isUncertain) {",
      replacement: "if (false) {",
    },
    "any row with the answer's text proves that it arrived, even another answer's": {
      shows: /0 answers/,
      find: "return shown.length > said.filter((known) => known === digest).length;",
      replacement: "return digest + said !== String();",
    },
    "a message repeated to a workspace has a new id": {
      shows: /2 answers/,
      find: "to, text, messageId, metadata, signal }",
      replacement: "to, text, messageId: messageId + Math.random(), metadata, signal }",
    },
  },
  [QUEUE]: {
    "a message overtakes an earlier one of its sender that is being retried": {
      shows: /m\d+ before m\d+/,
      find: "if (senders.has(sender)) continue;",
    },
    "the cursor moves past a waiting message": {
      shows: /lost|0 answers|never done/,
      find: "if (item !== null && item !== done) break;",
    },
    "an answer of an earlier process is sent before its row is fetched, and not remembered": {
      shows: /handled after it was done/,
      find: "this.#doneBefore.add(done.row);",
      replacement: "{}",
    },
  },
  [JOB]: {
    "messages finished above the cursor are not remembered": {
      shows: /handled after it was done/,
      find: "this.#done?.has(id) === true ? null : read",
      replacement: "read",
    },
    "the time of the inbox's first read is not stored": {
      shows: /lost/,
      find: "if (start === null && cursor === null) await log.append([{ start: since }], { signal });",
    },
  },
  [MESSAGE]: {
    "answers are answered": {
      shows: /1 answers/,
      find: "mayAnswer: !isAnswer && ",
      replacement: "mayAnswer: ",
    },
  },
});
