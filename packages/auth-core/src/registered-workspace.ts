import type { Caches } from "./caches.ts";
import type { Platform } from "./platform-url.ts";

/** A workspace, and the token registered for it. */
export interface RegisteredWorkspace {
  readonly id: string;
  readonly token: string;
  /** The header's value, put together once because each request needs it. */
  readonly authorization: string;
  /** The workspace's own platform; `null`: the configured one. */
  readonly platform: Platform | null;
  /** Origin of the platform that the token was first used for; `null`: unused. */
  audience: string | null;
}

/** Binds a workspace's token to the platform that it is first used for. True if that is this one. */
export function claim(workspace: RegisteredWorkspace, origin: string | null, caches: Caches): boolean {
  if (workspace.audience === null) {
    const cache = caches.of(origin);
    if (cache.isForeign(workspace.token)) return false;
    cache.claim(workspace.token);
    workspace.audience = origin;
  }
  return workspace.audience === origin;
}
