import type { FastifyReply, FastifyRequest } from "fastify";
import { isBearer } from "../authorization.ts";
import type { Emit } from "../events.ts";
import type { Redactor } from "../redact.ts";
import { pathOf } from "../request.ts";
import type { PlatformState } from "../state.ts";

/** Lets requests with a live token of the workspace through. */
export class AuthGuard {
  readonly #state: PlatformState;
  readonly #emit: Emit;
  readonly #redact: Redactor;
  readonly #strict: boolean;

  constructor(options: { state: PlatformState; emit: Emit; redact: Redactor; strict: boolean }) {
    this.#state = options.state;
    this.#emit = options.emit;
    this.#redact = options.redact;
    this.#strict = options.strict;
  }

  /**
   * For the registry: a workspace without a live token is let through, so that it can receive its
   * first one. Strict: only as long as it never had one, or with some bearer.
   */
  registry(request: FastifyRequest, reply: FastifyReply, workspaceId: string): FastifyReply | undefined {
    const { tokens } = this.#state;
    if (tokens.live(workspaceId).length > 0) return this.workspace(request, reply, workspaceId);
    if (this.#strict && tokens.wasIssuedTo(workspaceId) && !isBearer(request.presented)) {
      return this.#reject(request, reply, workspaceId, "missing");
    }
    return undefined;
  }

  /** For `/workspaces/:id/*`: always a live token. */
  workspace(request: FastifyRequest, reply: FastifyReply, workspaceId: string): FastifyReply | undefined {
    const { presented } = request;
    if (!isBearer(presented)) return this.#reject(request, reply, workspaceId, "missing");
    if (this.#state.accepts(workspaceId, presented.digest)) return undefined;
    return this.#reject(request, reply, workspaceId, "invalid");
  }

  #reject(
    request: FastifyRequest,
    reply: FastifyReply,
    workspaceId: string,
    reason: "missing" | "invalid",
  ): FastifyReply {
    const { method } = request;
    this.#emit(this.#redact({ type: "unauthorized", workspaceId, method, path: pathOf(request), reason }));
    return reply.code(401).send({ error: `${reason} workspace auth token` });
  }
}
