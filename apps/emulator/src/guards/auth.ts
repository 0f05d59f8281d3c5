import type { FastifyReply, FastifyRequest } from "fastify";
import { isBearer } from "../authorization.ts";
import type { Emit } from "../events.ts";
import type { Redactor } from "../redact.ts";
import { pathOf } from "../request.ts";
import type { PlatformState } from "../state.ts";
import { digest } from "../tokens.ts";

/** Whose token is required: the workspace's, or the sender's of a message. */
type Whose = "workspace" | "caller";

/** Requires a live token of the workspace, or the operator's. */
export class AuthGuard {
  readonly #state: PlatformState;
  readonly #emit: Emit;
  readonly #redact: Redactor;
  readonly #strict: boolean;
  readonly #admin: Buffer;

  constructor(options: {
    state: PlatformState;
    emit: Emit;
    redact: Redactor;
    strict: boolean;
    adminToken: string;
  }) {
    this.#state = options.state;
    this.#emit = options.emit;
    this.#redact = options.redact;
    this.#strict = options.strict;
    this.#admin = digest(options.adminToken);
  }

  /** Whether the request has the operator's token. */
  isAdmin({ presented }: FastifyRequest): boolean {
    return isBearer(presented) && presented.digest.equals(this.#admin);
  }

  /**
   * For the registry: an unprotected workspace passes, so that it can receive its first token. In strict mode, it
   * passes only until a token was issued to it, or with any bearer.
   */
  registry(request: FastifyRequest, reply: FastifyReply, workspaceId: string): FastifyReply | undefined {
    if (this.#state.isClosed(workspaceId)) return this.own(request, reply, workspaceId);
    const wasIssued = this.#state.tokens.wasIssuedTo(workspaceId);
    if (this.#strict && wasIssued && !isBearer(request.presented)) {
      return this.#reject(request, reply, { workspaceId, whose: "workspace", reason: "missing" });
    }
    return undefined;
  }

  /** For `/workspaces/:id/*`: a live token of the workspace, or the operator's. */
  workspace(request: FastifyRequest, reply: FastifyReply, workspaceId: string): FastifyReply | undefined {
    return this.isAdmin(request) ? undefined : this.own(request, reply, workspaceId);
  }

  /** Requires a live token of this workspace, and accepts no other. */
  own(request: FastifyRequest, reply: FastifyReply, workspaceId: string): FastifyReply | undefined {
    return this.#require(request, reply, { workspaceId, whose: "workspace" });
  }

  /** For requests in a workspace's name: requires one of its live tokens, unless it has none. */
  known(
    request: FastifyRequest,
    reply: FastifyReply,
    { workspaceId, whose }: { workspaceId: string; whose: Whose },
  ): FastifyReply | undefined {
    if (this.#state.tokens.live(workspaceId).length === 0) return undefined;
    return this.#require(request, reply, { workspaceId, whose });
  }

  /** For operator-only routes. */
  admin(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
    if (this.isAdmin(request)) return undefined;
    const error = isBearer(request.presented) ? "invalid admin auth token" : "admin auth required";
    return reply.code(401).send({ error });
  }

  #require(
    request: FastifyRequest,
    reply: FastifyReply,
    who: { workspaceId: string; whose: Whose },
  ): FastifyReply | undefined {
    const { presented } = request;
    if (!isBearer(presented)) return this.#reject(request, reply, { ...who, reason: "missing" });
    if (this.#state.accepts(who.workspaceId, presented.digest)) return undefined;
    return this.#reject(request, reply, { ...who, reason: "invalid" });
  }

  #reject(
    request: FastifyRequest,
    reply: FastifyReply,
    { workspaceId, whose, reason }: { workspaceId: string; whose: Whose; reason: "missing" | "invalid" },
  ): FastifyReply {
    const { method } = request;
    this.#emit(this.#redact({ type: "unauthorized", workspaceId, method, path: pathOf(request), reason }));
    return reply.code(401).send({ error: `${reason} ${whose} auth token` });
  }
}
