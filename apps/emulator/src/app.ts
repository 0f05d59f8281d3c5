import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { AdvancingClock, Contract } from "./contract.ts";
import type { Feed } from "./dashboard/feed.ts";
import type { Emit } from "./events.ts";
import type { Extras } from "./extras.ts";
import type { Faults } from "./faults.ts";
import type { AuthGuard } from "./guards/auth.ts";
import type { RateLimit } from "./guards/rate-limit.ts";
import type { Recorder } from "./recorder.ts";
import type { Redactor } from "./redact.ts";
import type { PlatformState } from "./state.ts";

/** The HTTP server, typed from the schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** The dependencies of the HTTP layer. */
export interface Platform {
  readonly contract: Contract;
  readonly clock: AdvancingClock;
  readonly emit: Emit;
  readonly state: PlatformState;
  readonly faults: Faults;
  readonly extras: Extras;
  readonly recorder: Recorder;
  readonly redact: Redactor;
  readonly authGuard: AuthGuard;
  readonly feed: Feed;
  /** The secret with which the platform authenticates to an agent. */
  readonly inboundSecretOf: (workspaceId: string) => string;
  /** Whether minted API tokens survive a rotation. */
  readonly apiTokensSurvive: boolean;
  readonly orgId: string | undefined;
  readonly allowedOrigins: readonly string[];
  readonly allowedHosts: readonly string[];
  readonly rateLimit: RateLimit;
}
