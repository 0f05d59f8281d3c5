import type { MessageOutcome, PlatformClient, PlatformFailure } from "@x/platform-client";
import { ownMember } from "../../storage/own.ts";
import type { InboxLog, StoredAnswer } from "../../storage/workspace-store.ts";
import { digestOf } from "./message.ts";

/** The result of sending an answer. */
export type Delivery =
  | { readonly kind: "sent"; readonly outcome: MessageOutcome["outcome"] | "notified" }
  /** Worth another attempt. `isUncertain`: it may have arrived. */
  | { readonly kind: "later"; readonly failure: PlatformFailure; readonly isUncertain: boolean }
  /** Retrying does not help. */
  | { readonly kind: "rejected"; readonly failure: PlatformFailure };

export interface DeliverOptions {
  readonly client: PlatformClient;
  readonly log: InboxLog;
  /** It may have been sent before. */
  readonly isUncertain: boolean;
  readonly signal: AbortSignal;
}

/** The newest rows of the feed, which include answers to the user. */
const ROWS_CHECKED = 100;

/** Sends an answer: to a workspace, a message with an id that makes a repetition safe; to the user, a `notify`. */
export async function deliver(
  answer: StoredAnswer,
  { client, log, isUncertain, signal }: DeliverOptions,
): Promise<Delivery> {
  const { to, text, messageId, inReplyTo } = answer;
  if (to !== null) {
    const metadata = { in_reply_to: inReplyTo };
    const result = await client.sendMessage({ to, text, messageId, metadata, signal });
    return result.ok ? { kind: "sent", outcome: result.value.outcome } : deliveryOf(result.failure);
  }
  if (isUncertain) {
    const said = await wasSaid(answer, { client, log, signal });
    if (said === true) return { kind: "sent", outcome: "notified" };
    if (said !== false) return { kind: "later", failure: said, isUncertain: true };
  }
  const result = await client.notify({ message: text, signal });
  return result.ok ? { kind: "sent", outcome: "notified" } : deliveryOf(result.failure);
}

function deliveryOf(failure: PlatformFailure): Delivery {
  const { kind, sent, status } = failure;
  // The receiver has it; its reply to our answer does not matter.
  if (sent === "yes") return { kind: "sent", outcome: "delivered" };
  const isFinal = kind === "forbidden" || kind === "not_found" || kind === "invalid";
  // A request that got no answer from the platform, or one from a page in front of it, may succeed later.
  if (isFinal && sent === "no" && (status > 0 || failure.code === "WORKSPACE_ID_INVALID"))
    return { kind: "rejected", failure };
  return { kind: "later", failure, isUncertain: sent !== "no" };
}

/**
 * Whether the feed shows that the user has the answer. A `notify` has no id, but becomes a row: if more rows with this
 * text follow the message than were sent before with it, that is proof. Otherwise it is sent again.
 */
async function wasSaid(
  { row, text }: StoredAnswer,
  { client, log, signal }: Pick<DeliverOptions, "client" | "log" | "signal">,
): Promise<boolean | PlatformFailure> {
  const result = await client.activity({ type: "a2a_receive", limit: ROWS_CHECKED, signal });
  if (!result.ok) return result.failure.code === "RESPONSE_TOO_LONG" ? false : result.failure;
  const at = result.value.findIndex(({ id }) => id === row);
  const later = at < 0 ? result.value : result.value.slice(0, at);
  const shown = later.filter(
    ({ method, responseBody }) => method === "notify" && ownMember(responseBody, "result") === text,
  );
  if (shown.length === 0) return false;
  const { said } = await log.load({ signal });
  const digest = digestOf(text);
  return shown.length > said.filter((known) => known === digest).length;
}
