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
  task: RequiredText("What it is to do."),
  idempotency_key: text("Giving the task again with the same key gives the same delegation."),
});
/** `POST /workspaces/:id/delegations/record`. */
export const RecordDelegation = Type.Object({
  target_id: RequiredText("The other workspace."),
  task: RequiredText("What it is to do."),
  delegation_id: RequiredText("The agent's own id for it."),
});
/** `POST /workspaces/:id/delegations/:delegationId/update`. */
export const DelegationUpdate = Type.Object({
  status: RequiredText("`completed` or `failed`."),
  error: text("What went wrong."),
  response_preview: text("What came of it."),
});
export const DelegationParams = Type.Object({ id: Type.String(), delegationId: Type.String() });
export const Delegated = answer("The delegation.", { delegation_id: Type.String(), status: Type.String() });
