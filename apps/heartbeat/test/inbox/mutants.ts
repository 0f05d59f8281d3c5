import type { Mutation } from "../invariants/load-product.ts";

/** A fault in the inbox, and the model's error message. */
interface InboxMutant extends Mutation {
  readonly name: string;
  readonly shows: RegExp;
}

const STEPS = "apps/heartbeat/src/workspace/inbox/message-steps.ts";
const QUEUE = "apps/heartbeat/src/workspace/inbox/queue.ts";
const DELIVER = "apps/heartbeat/src/workspace/inbox/deliver.ts";
const MESSAGE = "apps/heartbeat/src/workspace/inbox/message.ts";
const JOB = "apps/heartbeat/src/workspace/jobs/inbox.ts";

export const INBOX_MUTANTS: readonly InboxMutant[] = [
  {
    name: "an answer is sent before it is stored",
    shows: /was sent before it was stored/,
    file: STEPS,
    find: "await this.#log.append([{ answer: item.answer }]);",
    replacement: "",
  },
  {
    name: "an answer counts as sent when it is stored",
    shows: /0 answers/,
    file: STEPS,
    find: 'item.step = "send";',
    replacement: 'item.step = "finish";',
  },
  {
    name: "an answer to the user that may have arrived is repeated",
    shows: /2 answers/,
    file: DELIVER,
    find: "if (isUncertain) {",
    replacement: "if (false) {",
  },
  {
    name: "any row with the answer's text proves that it arrived, even another answer's",
    shows: /0 answers/,
    file: DELIVER,
    find: "return shown.length > said.filter((known) => known === digest).length;",
    replacement: "return digest + said !== String();",
  },
  {
    name: "a message overtakes an earlier one of its sender that is being retried",
    shows: /m\d+ before m\d+/,
    file: QUEUE,
    find: "if (senders.has(sender)) continue;",
    replacement: "",
  },
  {
    name: "the cursor moves past a waiting message",
    shows: /lost|0 answers|never done/,
    file: QUEUE,
    find: "if (item !== null && item !== done) break;",
    replacement: "",
  },
  {
    name: "messages finished above the cursor are not remembered",
    shows: /handled after it was done/,
    file: JOB,
    find: " && this.#done?.has(id) !== true;",
    replacement: ";",
  },
  {
    name: "an answer of an earlier process is sent before its row is fetched, and not remembered",
    shows: /handled after it was done/,
    file: QUEUE,
    find: "this.#doneBefore.add(done.row);",
    replacement: "{}",
  },
  {
    name: "answers are answered",
    shows: /1 answers/,
    file: MESSAGE,
    find: "mayAnswer: !isAnswer && ",
    replacement: "mayAnswer: ",
  },
  {
    name: "the time of the inbox's first read is not stored",
    shows: /lost/,
    file: JOB,
    find: "if (start === null && cursor === null) await log.append([{ start: since }], { signal });",
    replacement: "",
  },
  {
    name: "a message repeated to a workspace has a new id",
    shows: /2 answers/,
    file: DELIVER,
    find: "to, text, messageId, metadata, signal }",
    replacement: "to, text, messageId: messageId + Math.random(), metadata, signal }",
  },
];
