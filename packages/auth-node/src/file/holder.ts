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

/** Whose token a file held at the last read, for people and for events. */
export class Holder {
  readonly #emit: EmitFileEvent;
  readonly #emitted = new OncePerState();
  #name: string | null = null;

  constructor(emit: EmitFileEvent) {
    this.#emit = emit;
  }

  /** `null` unless it is another's. */
  get name(): string | null {
    return this.#name;
  }

  note(path: string, { platform, workspace }: OtherHolder): void {
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
    this.#emitted.emit(null, () => {});
  }
}
