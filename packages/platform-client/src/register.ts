import { type Awaitable, type CallOptions, isAuthError, type Signal } from "@x/auth-core";
import type { AgentCard, DeliveryMode } from "./bodies.ts";
import { notSent } from "./classify.ts";
import type { Registered } from "./endpoints.ts";
import { plain } from "./plain.ts";
import type { RequestOptions } from "./request.ts";
import type { PlatformFailure, PlatformResult } from "./result.ts";
import { aborted } from "./sign.ts";
import { printable } from "./text.ts";
import type { WorkspaceInfo } from "./values.ts";

/** Options of a registration. */
export interface RegisterRequest extends RequestOptions {
  readonly agentCard: AgentCard;
  /** Where the platform calls the workspace (push mode); http or https. @default "" */
  readonly url?: string;
  /** Left out: the workspace keeps its mode; a new one is in push mode. */
  readonly deliveryMode?: DeliveryMode;
  /**
   * Called before a registration without a bearer token, whose response may contain a token that is sent only once.
   * Check that it could be stored (`storage.probe`). If it rejects, or the signal aborts first, the request is not
   * sent.
   *
   * @default nothing is checked: a token that cannot be stored is lost when the process ends
   */
  readonly beforeUnsigned?: (options: CallOptions) => Awaitable<void>;
}

/** Options of a registration that fetches the workspace's status first. */
export interface CheckAndRegisterRequest extends Omit<RegisterRequest, "deliveryMode"> {
  /** Makes it a push workspace. @default "": a new workspace polls, a known one keeps its mode and URL */
  readonly url?: string;
  /**
   * Aborts everything before the registration itself. Once that is sent, it continues, because its response may contain
   * a token; but it is not retried.
   */
  readonly prepareSignal?: Signal;
}

/**
 * How to register, given the workspace's status on the platform.
 *
 * - `register`: with exactly this URL and mode; `orPoll`: after `URL_REQUIRED`, again in poll mode
 * - `register_with_token`: the status is unavailable. Register unchanged with a bearer token; without one, do not
 * - `stop`: the workspace was removed; the platform would never accept a token from registering it
 */
export type RegistrationPlan =
  | {
      readonly action: "register";
      readonly url: string;
      readonly deliveryMode: DeliveryMode | undefined;
      readonly orPoll: boolean;
    }
  | {
      readonly action: "register_with_token";
      readonly url: string;
      readonly deliveryMode: DeliveryMode | undefined;
      readonly orPoll: false;
      /** Why the status is unavailable. */
      readonly failure: PlatformFailure;
    }
  | { readonly action: "stop"; readonly failure: PlatformFailure };

/**
 * Plans a registration that neither revives a removed workspace nor cuts a push workspace off from its messages. Pure.
 *
 * @param result the result of `client.workspace()`
 * @param options.url the configured push URL, if any
 */
export function planRegistration(
  result: PlatformResult<WorkspaceInfo>,
  options: { readonly url?: string } = {},
): RegistrationPlan {
  const { url = "" } = plain(options);
  // Without a mode, a polling workspace keeps polling, whatever its URL.
  const mode = url === "" ? undefined : "push";
  if (!result.ok) {
    const { failure } = result;
    if (failure.code === "WORKSPACE_NOT_FOUND") {
      return { action: "register", url, deliveryMode: mode ?? "poll", orPoll: url === "" };
    }
    if (failure.code === "WORKSPACE_REMOVED") return { action: "stop", failure };
    return { action: "register_with_token", url, deliveryMode: mode, orPoll: false, failure };
  }
  const { status, value } = result;
  if (value.status === "removed") {
    const message = `${status} workspace removed`;
    const failure = {
      kind: "not_found",
      code: "WORKSPACE_REMOVED",
      status,
      message,
      retryAfterMs: 0,
      sent: "no",
    } as const;
    return { action: "stop", failure };
  }
  if (url !== "") return { action: "register", url, deliveryMode: mode, orPoll: false };
  // A response that does not name the workspace says nothing about its mode and URL: keep both.
  if (value.id === "") return { action: "register", url: "", deliveryMode: undefined, orPoll: false };
  return { action: "register", url: value.url, deliveryMode: undefined, orPoll: value.url === "" };
}

/**
 * For platforms without poll mode, which reject an empty URL, or one whose host does not resolve: the discard port (RFC
 * 863) on the platform's own machine, where nothing listens.
 */
const unreachableUrl = (workspaceId: string): string => `http://localhost:9/${workspaceId}`;

/** Sends a registration, like `PlatformClient.register`. */
type Register = (
  request: RegisterRequest & Pick<CheckAndRegisterRequest, "prepareSignal">,
  beforeUnsigned: () => Awaitable<PlatformFailure | null>,
) => Promise<PlatformResult<Registered>>;

/** Carries out a plan. */
export async function registerAsPlanned(
  plan: RegistrationPlan,
  request: CheckAndRegisterRequest,
  workspaceId: string,
  register: Register,
): Promise<PlatformResult<Registered>> {
  if (plan.action === "stop") return { ok: false, failure: plan.failure };
  const unknown = plan.action === "register" ? null : plan.failure;
  const { prepareSignal } = request;
  const beforeUnsigned = () => (unknown === null ? mayGoUnsigned(request, prepareSignal) : unknown);
  const send = async (details: Pick<RegisterRequest, "url" | "deliveryMode">) =>
    prepareSignal?.aborted
      ? ({ ok: false, failure: aborted("no") } as const)
      : register(plain({ ...request, ...details }), beforeUnsigned);
  const { url, deliveryMode, orPoll } = plan;
  let result = await send({ url, ...(deliveryMode && { deliveryMode }) });
  if (!orPoll) return result;
  if (deliveryMode === undefined && wantsUrl(result)) result = await send({ url, deliveryMode: "poll" });
  if (!wantsUrl(result)) return result;
  return send({ url: unreachableUrl(workspaceId), deliveryMode: "poll" });
}

/** Whether a platform without poll mode rejected an empty URL as a bad request. */
function wantsUrl(result: PlatformResult<Registered>): boolean {
  return !result.ok && (result.failure.code === "URL_REQUIRED" || result.failure.code === "BAD_REQUEST");
}

/** Calls `beforeUnsigned`, and turns a rejection into a failure. */
export async function mayGoUnsigned(
  { beforeUnsigned, signal: requestSignal }: RegisterRequest,
  prepareSignal?: Signal,
): Promise<PlatformFailure | null> {
  const signal = prepareSignal ?? requestSignal;
  try {
    await untilAborted(beforeUnsigned?.({ signal }), signal);
    return signal?.aborted ? aborted("no") : null;
  } catch (error) {
    if (signal?.aborted) return aborted("no");
    if (isAuthError(error)) return notSent("invalid", error.code, printable(error.message));
    return notSent(
      "invalid",
      "STORAGE_WRITE_FAILED",
      "nothing was sent: a new token could not be stored here",
    );
  }
}

/** Waits for the work until `signal` aborts: a storage that hangs may ignore the signal. */
async function untilAborted(work: Awaitable<void>, signal: Signal | undefined): Promise<void> {
  if (signal === undefined) return work;
  let abort = () => {};
  const isAborted = new Promise<void>((resolve) => {
    abort = resolve;
    signal.addEventListener("abort", abort);
    if (signal.aborted) resolve();
  });
  await Promise.race([work, isAborted]).finally(() => signal.removeEventListener("abort", abort));
}
