import { Type } from "typebox";
import { answer } from "./base.ts";

export const Healthy = answer("The platform is healthy.", { status: Type.Literal("ok") });
export const WorkspaceAnswer = answer("The workspace.", {
  id: Type.String(),
  status: Type.String(),
  url: Type.String({ description: "Empty if the workspace polls." }),
});
export const StateOfWorkspace = answer("The workspace's status.", {
  workspace_id: Type.String(),
  status: Type.String(),
  paused: Type.Boolean(),
  deleted: Type.Boolean(),
});
export const StateOfNone = answer("There is no such workspace, or it was removed.", {
  workspace_id: Type.String(),
  deleted: Type.Literal(true),
});
export const Gone = answer("It was removed (newest servers).", {
  error: Type.Literal("workspace removed"),
  id: Type.String(),
  removed_at: Type.String(),
  hint: Type.String(),
});
export const Delivered = answer("Delivered: the agent's JSON-RPC answer; or queued for a polling agent.");
export const Unreachable = answer("The agent is down: nothing was sent.", {
  error: Type.String(),
  status: Type.String(),
});
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
  auth_token: Type.String({ description: "Not shown again." }),
  workspace_id: Type.String(),
  message: Type.String(),
});
export const TokenRevoked = answer("Revoked.", { status: Type.Literal("revoked") });
export const Rotation = answer("The new token, and the connection settings.", {
  connection: Type.Object({ auth_token: Type.String({ description: "Not shown again." }) }),
});

/** An answer with only a status. */
export const Status = (status: string) => answer("Done.", { status: Type.Literal(status) });
