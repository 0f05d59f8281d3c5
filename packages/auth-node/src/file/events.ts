/** What happened to the token file, for logs and metrics. Never contains a token. Modes are permission bits. */
export type FileStorageEvent =
  /** Other users could read the file (its old `mode`); now only its owner can. */
  | { type: "token-file-permissions-fixed"; path: string; mode: number }
  /**
   * Other users can read the file, and it was not fixed: it is not ours (`uid` is its owner), or its mode cannot be
   * changed. Emitted once until that changes.
   */
  | { type: "token-file-readable-by-others"; path: string; mode: number; uid: number }
  /** The file could not be replaced, because of `why` (an error code such as `EBUSY`), and was written in place. */
  | { type: "token-file-written-in-place"; path: string; why: string }
  /** A file of the first layout (`from`) was moved to `path`, the directory of its platform. */
  | { type: "token-file-migrated"; path: string; from: string }
  /** The file holds another platform's (`origin`) token, which is not used. Emitted once until that changes. */
  | { type: "token-file-of-other-platform"; path: string; origin: string }
  /** The file holds the token of another workspace of the platform, which is not used. Emitted once until that changes. */
  | { type: "token-file-of-other-workspace"; path: string; workspaceId: string }
  /** Other users can put files into the directory, so nothing is stored there. Emitted once until that changes. */
  | { type: "directory-writable-by-others"; path: string; mode: number; uid: number };

export type EmitFileEvent = (event: FileStorageEvent) => void;

/** A listener that throws must not undo the operation it is called for, nor an async one's rejection end the process. */
export function createEmitFileEvent(listener: EmitFileEvent | undefined): EmitFileEvent {
  return async (event) => {
    try {
      await listener?.(event);
    } catch {
      // The listener's own error.
    }
  };
}

/** Emits each new state once; `null`: nothing to emit. */
export class OncePerState {
  #last = "";

  emit(state: string | null, emit: () => void): void {
    if (state === this.#last) return;
    this.#last = state ?? "";
    if (state !== null) emit();
  }
}
