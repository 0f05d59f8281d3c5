/** Extra fields for answers, by workspace: kept separately, because they may contain secrets. */
export interface Extras {
  /** Merged into the next 200 of any registry request of this workspace. */
  next(workspaceId: string, extras: Readonly<Record<string, unknown>>): void;
  /** Delivered in the next 200 to a heartbeat of this workspace. */
  pushToken(workspaceId: string, token: string): void;
  /** The extra fields for this answer; each is returned once. */
  take(workspaceId: string, kind: "heartbeat" | "other"): Record<string, unknown>;
}

/** Creates an empty instance. */
export function createExtras(): Extras {
  const scripted = new Map<string, Record<string, unknown>>();
  const tokens = new Map<string, string>();
  return {
    next(workspaceId, extras) {
      scripted.set(workspaceId, { ...scripted.get(workspaceId), ...extras });
    },
    pushToken(workspaceId, token) {
      tokens.set(workspaceId, token);
    },
    take(workspaceId, kind) {
      const extras = scripted.get(workspaceId);
      scripted.delete(workspaceId);
      const token = kind === "heartbeat" ? tokens.get(workspaceId) : undefined;
      if (token !== undefined) tokens.delete(workspaceId);
      return { ...(token !== undefined && { auth_token: token }), ...extras };
    },
  };
}
