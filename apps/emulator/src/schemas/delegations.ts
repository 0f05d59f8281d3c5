import { Type } from "typebox";
import { answer, RequiredText, text } from "./base.ts";

export const Delegations = Type.Unsafe<unknown>(
  Type.Array(
    Type.Object({
      id: Type.String(),
      type: Type.String(),
      direction: Type.String({ description: "`sent`." }),
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
/** `POST /workspaces/:id/delegate`. */
export const Delegate = Type.Object({
  target_id: RequiredText("The other workspace."),
  task: RequiredText("The task's description."),
  idempotency_key: text("Repeating the request with the same key returns the same delegation."),
});
/** `POST /workspaces/:id/delegations/record`. */
export const RecordDelegation = Type.Object({
  target_id: RequiredText("The other workspace."),
  task: RequiredText("The task's description."),
  delegation_id: RequiredText("The agent's id for the delegation."),
});
/** `POST /workspaces/:id/delegations/:delegationId/update`. */
export const DelegationUpdate = Type.Object({
  status: RequiredText("`completed` or `failed`."),
  error: text("What went wrong."),
  response_preview: text("The result."),
});
export const DelegationParams = Type.Object({ id: Type.String(), delegationId: Type.String() });
export const Delegated = answer("The delegation.", { delegation_id: Type.String(), status: Type.String() });
