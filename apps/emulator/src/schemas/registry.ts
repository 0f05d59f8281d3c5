import { Type } from "typebox";
import { AgentCard, answer, Int64, nullable, RequiredText, text } from "./base.ts";

/** `POST /registry/register`. Unknown fields are ignored. */
export const RegisterBody = Type.Object({
  id: RequiredText("The workspace."),
  url: Type.Optional(Type.String({ description: "The agent's URL; empty if it polls." })),
  agent_card: AgentCard,
  delivery_mode: Type.Optional(
    Type.String({
      description: "`push`: the platform calls the URL; `poll`: the agent fetches its messages (v2).",
    }),
  ),
  kind: Type.Optional(Type.String({ description: "`workspace`." })),
  mcp_server_present: Type.Optional(Type.Boolean()),
});

/** `POST /registry/heartbeat`. Missing fields overwrite with their zero value. */
export const HeartbeatBody = Type.Object({
  workspace_id: RequiredText("The workspace."),
  error_rate: Type.Optional(Type.Number({ description: "Share of failures, 0 to 1." })),
  sample_error: Type.Optional(Type.String()),
  active_tasks: Int64("Tasks in progress; 32 bits."),
  uptime_seconds: Int64("Since the runtime started; 32 bits."),
  current_task: Type.Optional(Type.String()),
  monthly_spend: Int64("US cents in this calendar month; 0 keeps the last value."),
  runtime_state: Type.Optional(
    Type.String({ description: "`wedged`: alive, but the agent's runtime is not." }),
  ),
  runtime_metadata: Type.Optional(
    Type.Object({
      capabilities: Type.Optional(
        nullable(
          Type.Record(Type.String(), nullable(Type.Boolean()), {
            description: "The runtime's capabilities.",
          }),
        ),
      ),
      idle_timeout_seconds: Type.Optional(nullable(Type.Integer())),
    }),
  ),
  agent_card: Type.Optional(AgentCard),
  mcp_server_present: Type.Optional(Type.Boolean()),
  loaded_mcp_tools: Type.Optional(Type.Array(nullable(Type.String()))),
});

/** `POST /registry/update-card`. */
export const UpdateCardBody = Type.Object({
  workspace_id: RequiredText("The workspace."),
  agent_card: AgentCard,
});

const secret = Type.Optional(Type.String({ description: "For requests from the platform to the agent." }));
const issued = Type.Optional(Type.String({ description: "A token to store. It is not shown again." }));

export const Registered = answer("Registered.", {
  status: Type.Literal("registered"),
  auth_token: issued,
  delivery_mode: Type.Optional(Type.Enum(["push", "poll"])),
  platform_inbound_secret: secret,
});
export const HeartbeatAnswer = answer("Accepted, even if the workspace does not exist.", {
  status: Type.Literal("ok"),
  platform_inbound_secret: secret,
  generation: Type.Optional(Type.Integer()),
  auth_token: issued,
});
export const CardUpdated = answer("Updated.", { status: Type.Literal("updated") });
/** `GET /registry/:id/peers`. */
export const PeersQuery = Type.Object({ q: text("Only those with this in their name or role.") });
export const Peers = answer("Siblings, children, parent.");
/** `POST /registry/check-access`. */
export const AccessQuestion = Type.Object({
  caller_id: RequiredText("The sender."),
  target_id: RequiredText("The receiver."),
});
export const AccessAnswer = answer("Whether it is allowed.", { allowed: Type.Boolean() });
export const Secrets = answer("Each secret's name and value.");
