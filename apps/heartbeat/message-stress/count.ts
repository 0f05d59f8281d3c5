import type { ActivityRow } from "@x/platform-client";

/** A message that was sent, in sending order. */
export interface Sent {
  /** Unique; also the message's id. */
  readonly text: string;
  readonly to: string;
  /** `null` for a user. */
  readonly from: string | null;
}

/** The counted fields of a row of a workspace's feed. */
export type FeedRow = Pick<ActivityRow, "method" | "requestBody" | "responseBody">;

/** The results for the messages. */
export interface Counts {
  readonly messages: number;
  readonly lost: number;
  readonly answeredTwice: number;
  /** Messages that were answered before an earlier one of the same sender to the same workspace. */
  readonly outOfOrder: number;
  /** Answers to answers. */
  readonly answersToAnswers: number;
}

/** Compares the sent messages with the feeds of all workspaces. */
export function countAnswers(
  sent: readonly Sent[],
  feeds: ReadonlyMap<string, readonly FeedRow[]>,
  answerTo: (text: string) => string,
): Counts {
  const known = new Set(sent.map(({ text }) => text));
  /** Positions of the answers to a message, in the feed that contains them. */
  const answers = new Map<string, number[]>();
  let answersToAnswers = 0;
  const texts = new Map(sent.map(({ text }) => [answerTo(text), text]));
  for (const rows of feeds.values()) {
    for (const [position, row] of rows.entries()) {
      const said = row.method === "notify" ? texts.get(Object(row.responseBody).result) : undefined;
      const inReplyTo: string | undefined = Object(row.requestBody).params?.message?.metadata?.in_reply_to;
      const to = said ?? inReplyTo;
      if (to === undefined) continue;
      if (known.has(to)) answers.set(to, [...(answers.get(to) ?? []), position]);
      else answersToAnswers += 1;
    }
  }
  let outOfOrder = 0;
  const last = new Map<string, number>();
  for (const { text, from, to } of sent) {
    const position = answers.get(text)?.[0];
    if (position === undefined) continue;
    const pair = `${from} ${to}`;
    if (position < (last.get(pair) ?? -1)) outOfOrder += 1;
    last.set(pair, position);
  }
  const counts = sent.map(({ text }) => answers.get(text)?.length ?? 0);
  return {
    messages: sent.length,
    lost: counts.filter((count) => count === 0).length,
    answeredTwice: counts.filter((count) => count > 1).length,
    outOfOrder,
    answersToAnswers,
  };
}

/** The failed checks. */
export function brokenPromises({
  messages,
  lost,
  answeredTwice,
  outOfOrder,
  answersToAnswers,
}: Counts): string[] {
  return [
    ...(lost > 0 ? [`${lost} messages lost`] : []),
    ...(answeredTwice > messages / 100
      ? [`${answeredTwice} of ${messages} answered twice: more than 1 %`]
      : []),
    ...(outOfOrder > 0 ? [`${outOfOrder} answered out of order`] : []),
    ...(answersToAnswers > 0 ? [`${answersToAnswers} answers to answers`] : []),
  ];
}
