import { type Awaitable, isAuthError, type Signal } from "@x/auth-core";
import type { AgentCard, DeliveryMode } from "./bodies.ts";
import type { RequestOptions } from "./call.ts";
import { notSent } from "./classify.ts";
import type { Registered } from "./endpoints.ts";
import { plain } from "./plain.ts";
import type { PlatformFailure, PlatformResult } from "./result.ts";
import { aborted } from "./sign.ts";
import { printable } from "./text.ts";
import type { WorkspaceInfo } from "./values.ts";

/** What a registration says. */
export interface RegisterRequest extends RequestOptions {
  readonly agentCard: AgentCard;
  /** Where the platform calls the workspace (push); http or https. @default "" */
  readonly url?: string;
  /** Left out: the workspace keeps the mode it has; a new one is in push mode. */
  readonly deliveryMode?: DeliveryMode;
  /**
   * Called before a registration goes out without a bearer, which may be answered with a token that is issued only once:
   * make sure that it could be stored (`storage.probe`). A rejection keeps the request from being sent.
   */
  readonly beforeUnsigned?: (options: { readonly signal?: Signal }) => Awaitable<void>;
}

/** A registration that looks first. */
export interface LookFirstRequest extends Omit<RegisterRequest, "deliveryMode"> {
  /** For a push workspace. @default "": a new workspace polls, a known one keeps its URL */
  readonly url?: string;
  /**
   * Gives up what comes before the registration itself, which goes on once it is sent: its answer may hold a token. Nor is
   * it repeated then.
   */
  readonly prepareSignal?: Signal;
}

/**
 * What to do about a registration, now that the platform was asked about the workspace.
 *
 * - `register`: with exactly this URL and mode; `orPoll`: when that is answered `URL_REQUIRED`, again in poll mode
 * - `register_with_token`: the platform did not say. A bearer may try, as the workspace is; without one, do not register
 * - `stop`: the workspace was removed; a token that registering brought would never be accepted
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
      readonly deliveryMode: undefined;
      readonly orPoll: false;
      /** Why the platform did not say. */
      readonly failure: PlatformFailure;
    }
  | { readonly action: "stop"; readonly failure: PlatformFailure };

/**
 * Plans a registration, so that it neither wakes a removed workspace's dead token nor makes a push workspace deaf. Pure.
 *
 * @param result what `client.workspace()` gave
 * @param options.url the push URL that is configured, if any
 */
export function planRegistration(
  result: PlatformResult<WorkspaceInfo>,
  options: { readonly url?: string } = {},
): RegistrationPlan {
  const { url = "" } = plain(options);
  if (!result.ok) {
    const { failure } = result;
    if (failure.code === "WORKSPACE_NOT_FOUND") {
      return { action: "register", url, deliveryMode: url === "" ? "poll" : "push", orPoll: url === "" };
    }
    if (failure.code === "WORKSPACE_REMOVED") return { action: "stop", failure };
    return { action: "register_with_token", url, deliveryMode: undefined, orPoll: false, failure };
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
  if (value.url !== "")
    return { action: "register", url: url || value.url, deliveryMode: undefined, orPoll: false };
  return { action: "register", url, deliveryMode: undefined, orPoll: url === "" };
}

/** For platforms of before poll mode, which take no empty URL: one that cannot resolve (RFC 2606). */
const unreachableUrl = (workspaceId: string): string => `http://workspace.invalid/${workspaceId}`;

/** Sends a registration, as `PlatformClient.register` does. */
type Register = (
  request: RegisterRequest & Pick<LookFirstRequest, "prepareSignal">,
  beforeUnsigned: () => Awaitable<PlatformFailure | null>,
) => Promise<PlatformResult<Registered>>;

/** Carries a plan out. */
export async function registerAsPlanned(
  plan: RegistrationPlan,
  request: LookFirstRequest,
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

/** A platform that does not know poll mode calls an empty URL a bad request. */
function wantsUrl(result: PlatformResult<Registered>): boolean {
  return !result.ok && (result.failure.code === "URL_REQUIRED" || result.failure.code === "BAD_REQUEST");
}

/** Asks `beforeUnsigned`, and makes a failure of its rejection. */
export async function mayGoUnsigned(
  { beforeUnsigned, signal: requestSignal }: RegisterRequest,
  prepareSignal?: Signal,
): Promise<PlatformFailure | null> {
  const signal = prepareSignal ?? requestSignal;
  try {
    await beforeUnsigned?.(signal === undefined ? {} : { signal });
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
