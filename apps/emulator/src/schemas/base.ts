import { type TSchema, Type } from "typebox";

/** The server decodes 64 bits. The database stores 32, which the routes check. */
export const Int64 = (description: string) =>
  Type.Optional(Type.Integer({ minimum: -(2 ** 63), maximum: 2 ** 63, description }));

/** The server decodes null like a missing field. */
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const text = (description: string) => Type.Optional(Type.String({ description }));

export const RequiredText = (description: string) => Type.String({ minLength: 1, description });

/** Any JSON. */
export const AgentCard = Type.Unknown({ description: "Any JSON that describes the agent and its skills." });

export const IdParams = Type.Object({ id: Type.String({ description: "The workspace." }) });
export const WorkspaceQuery = Type.Object({
  include_removed: Type.Optional(Type.String({ description: "`true`: also show a removed workspace." })),
});
export const QueueParams = Type.Object({ id: Type.String(), queueId: Type.String() });
export const TokensQuery = Type.Object({
  limit: text("The maximum number of tokens: by default 50, at most 200."),
  offset: text("The number of newest tokens to skip."),
});
export const TokenParams = Type.Object({ id: Type.String(), tokenId: Type.String() });

/** Answers are documented, not enforced: fields that a test merges into one must not be dropped. */
export const answer = (description: string, properties: Record<string, TSchema> = {}) =>
  Type.Unsafe<unknown>(Type.Object(properties, { description }));

/** Input that the database rejects is a server error. */
export const Broken = answer("An id that is not a UUID, or text that the database rejects.", {
  error: Type.String(),
});

export const Failure = (description: string) => answer(description, { error: Type.String() });
