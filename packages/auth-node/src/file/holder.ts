import type { Audience } from "./audience.ts";
import { type EmitFileEvent, OncePerState } from "./events.ts";
import type { OriginEntry } from "./origins-list.ts";

/** Whose token a file holds, if another audience's: another platform's, or another workspace's of this platform. */
export interface OtherHolder {
  readonly platform: string | null;
  readonly workspace: string | null;
}

export function otherHolder(audience: Audience | null, [owner]: readonly OriginEntry[]): OtherHolder {
  if (owner === undefined) return { platform: null, workspace: null };
  if (owner.origin !== audience?.origin) return { platform: owner.origin, workspace: null };
  return { platform: null, workspace: owner.workspaceId ?? null };
}

/** Whose token a file held at the last read, and where this audience's was, for people and for events. */
export class Holder {
  readonly #emit: EmitFileEvent;
  readonly #emitted = new OncePerState();
  #name: string | null = null;
  #tokenAt: string | null = null;

  constructor(emit: EmitFileEvent) {
    this.#emit = emit;
  }

  /** The token's, for people. */
  locationIn(path: string): string {
    if (this.#tokenAt !== null) return this.#tokenAt;
    return this.#name === null ? path : `${path} (which holds a token of ${this.#name})`;
  }

  /** @param tokenAt where the token was set aside, if it was */
  note(path: string, { platform, workspace }: OtherHolder, tokenAt: string | null): void {
    this.#tokenAt = tokenAt;
    this.#name = platform ?? (workspace && `workspace ${workspace}`);
    this.#emitted.emit(this.#name && `${path}:${this.#name}`, () => {
      if (platform !== null) this.#emit({ type: "token-file-of-other-platform", path, origin: platform });
      if (workspace !== null)
        this.#emit({ type: "token-file-of-other-workspace", path, workspaceId: workspace });
    });
  }

  /** The file holds this audience's token by now. */
  clear(): void {
    this.#name = null;
    this.#tokenAt = null;
    this.#emitted.emit(null, () => {});
  }
}
