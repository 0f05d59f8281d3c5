/** What happened to the token file, for a log or a metric. Never with a token. Modes are permission bits. */
export type FileStorageEvent =
  /** Others could read the file (with `mode`); now only its owner can. */
  | { type: "token-file-permissions-fixed"; path: string; mode: number }
  /**
   * Others may read the file, and it was left so: it is not ours (`uid` is its owner), or its mode cannot be changed.
   * Emitted once until that changes.
   */
  | { type: "token-file-readable-by-others"; path: string; mode: number; uid: number }
  /** The file could not be replaced, because of `why` (an error code such as `EBUSY`), and was written in place. */
  | { type: "token-file-written-in-place"; path: string; why: string }
  /** A file of the first layout (`from`) was moved to `path`, the directory of its platform. */
  | { type: "token-file-adopted"; path: string; from: string }
  /** The file holds a token of another platform (`origin`), which is not used. Emitted once until that changes. */
  | { type: "token-file-of-other-platform"; path: string; origin: string }
  /** Other users can put files into the directory, which is not written to. Emitted once until that changes. */
  | { type: "directory-writable-by-others"; path: string; mode: number; uid: number };

export type EmitFileEvent = (event: FileStorageEvent) => void;

/** A listener that throws must not undo what it was called for. */
export function createEmitFileEvent(listener: EmitFileEvent | undefined): EmitFileEvent {
  return (event) => {
    try {
      listener?.(event);
    } catch {
      // It is the listener's own failure.
    }
  };
}

/** Emits each state of a thing once, until it has another one; `null`: there is nothing to emit any more. */
export class OncePerState {
  #last = "";

  emit(state: string | null, emit: () => void): void {
    if (state === this.#last) return;
    this.#last = state ?? "";
    if (state !== null) emit();
  }
}
