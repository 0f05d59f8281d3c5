import { Type } from "typebox";
import type { Fault } from "../faults.ts";
import { answer } from "./base.ts";

const strict = { additionalProperties: false } as const;

/** For controls without parameters: an unexpected field is an error. */
export const EmptyBody = Type.Object({}, strict);
/** `POST /emulator/outage`. */
export const OutageBody = Type.Object(
  {
    kind: Type.Unsafe<Fault["kind"] | null>({ enum: ["refuse", "hang", "status", "lose-response", null] }),
    status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599 })),
    retry_after_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
    body: Type.Optional(Type.String()),
    for_requests: Type.Optional(Type.Integer({ minimum: 1 })),
    paths: Type.Optional(Type.Array(Type.String(), { description: "`*` matches any text." })),
  },
  strict,
);
/** `POST /emulator/latency`. */
export const LatencyBody = Type.Object(
  { ms: Type.Integer({ minimum: 0, maximum: 600_000, description: "The delay before every answer." }) },
  strict,
);
/** `POST /emulator/time`. */
export const TimeBody = Type.Object(
  {
    advance_seconds: Type.Number({
      minimum: 0,
      maximum: 31_536_000,
      description: "How far to advance the platform's clock.",
    }),
  },
  strict,
);
/** `POST /emulator/workspaces`. */
export const AddBody = Type.Object({ name: Type.String({ minLength: 1, maxLength: 200 }) }, strict);
/** `POST /emulator/workspaces/:id/message`. */
export const MessageBody = Type.Object({ text: Type.String({ minLength: 1, maxLength: 65_536 }) }, strict);
/** `GET /emulator/requests`. */
export const RequestsQuery = Type.Object(
  {
    workspace: Type.Optional(Type.String({ description: "Only requests by or about this workspace." })),
    since: Type.Optional(
      Type.String({ pattern: "^\\d{1,15}$", description: "Only requests received at this `at` or later." }),
    ),
  },
  strict,
);
export const Done = (description: string) => answer(description, { status: Type.String() });
export const Rotated = answer("Rotated.", {
  status: Type.Literal("rotated"),
  auth_token: Type.String({ description: "The new token. Not shown again." }),
});
export const Added = answer("Created.", {
  status: Type.Literal("created"),
  id: Type.String(),
  name: Type.String(),
  auth_token: Type.String({ description: "Its token. Not shown again." }),
});
export const MessageAnswer = answer("The platform's answer.", {
  status: Type.Integer({ description: "The status that a sender would receive." }),
  answer: Type.Unknown({ description: "The body, without secrets." }),
});
export const MessagesAnswer = answer("The newest messages to and from a workspace, newest last.", {
  messages: Type.Array(
    Type.Object({
      id: Type.String(),
      at: Type.String(),
      from: Type.Union([Type.String(), Type.Null()], {
        description: "The workspace that sent it; null for a person.",
      }),
      text: Type.String(),
    }),
  ),
});
export const RequestsAnswer = answer(
  "The newest 10,000 requests to the platform (fewer if they are large), newest last, without secrets.",
  {
    requests: Type.Array(
      Type.Object({
        at: Type.Number({ description: "The time of arrival, in ms." }),
        method: Type.String(),
        path: Type.String({ description: "Without the query." }),
        headers: Type.Object({}, { description: "`authorization` as its scheme and SHA-256." }),
        workspaceId: Type.Union([Type.String(), Type.Null()]),
        status: Type.Union([Type.Integer(), Type.Null()], { description: "Null without an answer." }),
        outcome: Type.String({
          description: "`waiting`, `answered`, `reset`, `lost` (processed, answer lost) or `abandoned`.",
        }),
        latencyMs: Type.Union([Type.Number(), Type.Null()], {
          description: "Null without an answer.",
        }),
        body: Type.Optional(Type.Unknown()),
        answer: Type.Optional(Type.Unknown({ description: "The body of the answer." })),
      }),
    ),
  },
);
export const StateAnswer = answer("The emulator's state, without secrets.");
