import { Type } from "typebox";
import type { Fault } from "./faults.ts";
import { answer } from "./schemas.ts";

const strict = { additionalProperties: false } as const;

/** A control that takes nothing: a field is a mistake that the caller should hear of. */
export const EmptyBody = Type.Object({}, strict);
/** `POST /emulator/outage`. */
export const OutageBody = Type.Object(
  {
    kind: Type.Unsafe<Fault["kind"] | null>({ enum: ["refuse", "hang", "status", "lose-response", null] }),
    status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599 })),
    retry_after_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
    body: Type.Optional(Type.String()),
    for_requests: Type.Optional(Type.Integer({ minimum: 1 })),
    paths: Type.Optional(Type.Array(Type.String(), { description: "`*` stands for any text." })),
  },
  strict,
);
/** `POST /emulator/latency`. */
export const LatencyBody = Type.Object(
  { ms: Type.Integer({ minimum: 0, maximum: 600_000, description: "Before every answer." }) },
  strict,
);
/** `GET /emulator/requests`. */
export const RequestsQuery = Type.Object(
  {
    workspace: Type.Optional(Type.String({ description: "Only what this workspace sent, or was about it." })),
    since: Type.Optional(
      Type.String({ pattern: "^\\d{1,15}$", description: "Only what arrived at this `at`, or later." }),
    ),
  },
  strict,
);
export const Done = (description: string) => answer(description, { status: Type.String() });
export const Rotated = answer("Rotated.", {
  status: Type.Literal("rotated"),
  auth_token: Type.String({ description: "The new token. Never shown again." }),
});
export const RequestsAnswer = answer(
  "The newest 10,000 requests to the platform (fewer when they are large), newest last, without secrets.",
  {
    requests: Type.Array(
      Type.Object({
        at: Type.Number({ description: "When it arrived, ms." }),
        method: Type.String(),
        path: Type.String({ description: "Without the query." }),
        headers: Type.Object({}, { description: "`authorization` as its scheme and SHA-256." }),
        workspaceId: Type.Union([Type.String(), Type.Null()]),
        status: Type.Union([Type.Integer(), Type.Null()], { description: "Null while there is no answer." }),
        body: Type.Optional(Type.Unknown()),
      }),
    ),
  },
);
export const StateAnswer = answer("What the emulator knows, without secrets.");
