import { Type } from "typebox";
import { answer, RequiredText, text } from "./base.ts";

/** `POST /workspaces`. */
export const CreateWorkspace = Type.Object({
  name: RequiredText("For people."),
  external: Type.Optional(Type.Boolean({ description: "The agent runs elsewhere." })),
  runtime: text("`external`, or what runs in the container."),
  model: text("For what runs in the container."),
  delivery_mode: text("`push` or `poll`."),
  url: text("The agent's URL, for push."),
  parent_id: text("The parent workspace."),
  role: text("Its purpose."),
  tier: Type.Optional(Type.Integer()),
});
export const DeleteQuery = Type.Object({ confirm: text("`true`."), cascade: text("`true`.") });
export const Created = answer("Created; an awaited workspace's token is in `connection`.", {
  id: Type.String(),
  status: Type.String(),
});
export const Removed = answer("Removed.", { status: Type.String(), cascade_deleted: Type.Integer() });
export const Paused = answer("Paused.", { status: Type.String(), paused_count: Type.Integer() });
export const WorkspaceList = answer("All workspaces except removed ones.");
