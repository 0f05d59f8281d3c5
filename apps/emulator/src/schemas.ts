import { type TSchema, Type } from "typebox";

/** The server's integers live in 32-bit columns. */
const Int32 = (description: string) =>
  Type.Integer({ minimum: -(2 ** 31), maximum: 2 ** 31 - 1, description });

const RequiredText = (description: string) => Type.String({ minLength: 1, description });

/** Any JSON. */
const AgentCard = Type.Unknown({ description: "Any JSON: who the agent is and what it can do." });

/** `POST /registry/register`. A field that the contract does not know is ignored. */
export const RegisterBody = Type.Object({
  id: RequiredText("The workspace."),
  url: Type.Optional(Type.String({ description: "Where the agent is reached; empty when it polls." })),
  agent_card: AgentCard,
  delivery_mode: Type.Optional(
    Type.String({ description: "`push`: the platform calls the URL; `poll`: the agent asks (v2)." }),
  ),
});

/** `POST /registry/heartbeat`. What is left out overwrites with its zero value. */
export const HeartbeatBody = Type.Object({
  workspace_id: RequiredText("The workspace."),
  error_rate: Type.Optional(Type.Number({ description: "Share of failures, 0 to 1." })),
  sample_error: Type.Optional(Type.String()),
  active_tasks: Type.Optional(Int32("Tasks in progress.")),
  uptime_seconds: Type.Optional(Int32("Since the runtime started.")),
  current_task: Type.Optional(Type.String()),
  monthly_spend: Type.Optional(Int32("US cents in this calendar month.")),
  runtime_state: Type.Optional(
    Type.Enum(["", "wedged"], { description: "`wedged`: alive, but the agent's runtime is not." }),
  ),
  runtime_metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});

/** `POST /registry/update-card`. */
export const UpdateCardBody = Type.Object({
  workspace_id: RequiredText("The workspace."),
  agent_card: AgentCard,
});

/** `POST /workspaces/:id/a2a`: a JSON-RPC message, which the emulator does not read. */
export const A2aBody = Type.Record(Type.String(), Type.Unknown());

export const IdParams = Type.Object({ id: Type.String({ description: "The workspace." }) });
export const WorkspaceQuery = Type.Object({
  include_removed: Type.Optional(Type.String({ description: "`true`: show a removed workspace, too." })),
});
export const TokenParams = Type.Object({ id: Type.String(), tokenId: Type.String() });

/** Answers are documented, not enforced: what a test asks to be merged into one must get through. */
export const answer = (description: string, properties: Record<string, TSchema> = {}) =>
  Type.Unsafe<unknown>(Type.Object(properties, { description }));

export const Failure = (description: string) => answer(description, { error: Type.String() });

const secret = Type.Optional(Type.String({ description: "For requests from the platform to the agent." }));
const issued = Type.Optional(Type.String({ description: "A token to store. It is never shown again." }));

export const Registered = answer("Registered.", {
  status: Type.Literal("registered"),
  auth_token: issued,
  delivery_mode: Type.Optional(Type.Enum(["push", "poll"])),
  platform_inbound_secret: secret,
});
export const HeartbeatAnswer = answer("Taken, which is no proof that the workspace exists.", {
  status: Type.Literal("ok"),
  platform_inbound_secret: secret,
  generation: Type.Optional(Type.Integer()),
  auth_token: issued,
});
export const CardUpdated = answer("Updated.", { status: Type.Literal("updated") });
export const Healthy = answer("The platform is there.", { status: Type.Literal("ok") });
export const WorkspaceAnswer = answer("The workspace.", {
  id: Type.String(),
  status: Type.String(),
  url: Type.String({ description: "Empty when the workspace polls." }),
});
export const StateOfWorkspace = answer("The workspace's status.", {
  workspace_id: Type.String(),
  status: Type.String(),
  paused: Type.Boolean(),
  deleted: Type.Boolean(),
});
export const Gone = answer("It was removed (newest servers).", {
  error: Type.Literal("workspace removed"),
  id: Type.String(),
  removed_at: Type.String(),
  hint: Type.String(),
});
export const Delivered = answer("Delivered: the agent's JSON-RPC answer.");
export const Queued = answer("Queued for an agent that polls. Not a failure.", {
  queued: Type.Literal(true),
});
export const Unreachable = answer("The agent is down.", {
  error: Type.String(),
  restarting: Type.Optional(Type.Boolean({ description: "Nothing was delivered; safe to send again." })),
  busy: Type.Optional(Type.Boolean({ description: "It may have been delivered." })),
});
export const Delegations = Type.Unsafe<unknown>(
  Type.Array(
    Type.Object({
      id: Type.String(),
      type: Type.String(),
      source_id: Type.String(),
      target_id: Type.String(),
      summary: Type.String(),
      status: Type.String(),
      created_at: Type.String(),
      delegation_id: Type.Optional(Type.String()),
      error: Type.Optional(Type.String()),
      response_preview: Type.Optional(Type.String()),
    }),
    { description: "Newest first, at most 50." },
  ),
);
export const TokenList = answer("Live tokens, by prefix only.", {
  tokens: Type.Array(
    Type.Object({
      id: Type.String(),
      prefix: Type.String(),
      created_at: Type.String(),
      last_used_at: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
  count: Type.Integer(),
});
export const TokenMinted = answer("Minted.", {
  auth_token: Type.String({ description: "Never shown again." }),
  workspace_id: Type.String(),
  message: Type.String(),
});
export const TokenRevoked = answer("Revoked.", { status: Type.Literal("revoked") });
