import { Type } from "typebox";
import { answer, nullable, RequiredText, text } from "./base.ts";

/** `GET /workspaces/:id/activity`. All parameters are strings; the server parses them itself. */
export const ActivityQuery = Type.Object({
  type: text("Only rows of this type: `a2a_receive` is the inbox."),
  source: text("`canvas`: from people; `agent`: from workspaces."),
  peer_id: text("Only rows from or to this workspace."),
  limit: text("The maximum number of rows: by default 100, at most 500."),
  since_secs: text("Only rows from this many seconds ago or later."),
  since_id: text("Only rows after this one, oldest first."),
  before_ts: text("Only rows before this time."),
  include: text("`peer_info`: include the sender."),
});
export const ActivityRows = answer("Rows of activity.");
/** `POST /workspaces/:id/activity`. */
export const ActivityReport = Type.Object({
  activity_type: RequiredText("What happened."),
  method: text("The A2A method."),
  summary: text("For people."),
  target_id: text("The other workspace."),
  source_id: text("The workspace itself."),
  status: text("Default: `ok`."),
  error_detail: text("What went wrong."),
  duration_ms: Type.Optional(Type.Integer()),
  request_body: Type.Optional(Type.Unknown()),
  response_body: Type.Optional(Type.Unknown()),
  metadata: Type.Optional(Type.Unknown()),
});
/** `POST /workspaces/:id/notify`. */
export const Notification = Type.Object({
  message: RequiredText("The agent's message."),
  attachments: Type.Optional(
    nullable(
      Type.Array(
        Type.Object({
          uri: text("Its location."),
          name: text("Its name."),
          mimeType: text("Its type."),
          size: Type.Optional(Type.Integer()),
        }),
      ),
    ),
  ),
});
