/** What happened to the token file, for a log or a metric. Never with a token. Modes are permission bits. */
export type FileStorageEvent =
  /** Others could read the file (with `mode`); now only its owner can. */
  | { type: "token-file-tightened"; path: string; mode: number }
  /**
   * Others may read the file, and it was left so: it is not ours (`uid` is its owner), or its mode cannot be changed.
   * Told once until that changes.
   */
  | { type: "token-file-exposed"; path: string; mode: number; uid: number }
  /** The file could not be replaced, because of `why` (an error code such as `EBUSY`), and was written in place. */
  | { type: "token-file-written-in-place"; path: string; why: string };

export type EmitFileEvent = (event: FileStorageEvent) => void;

/** A listener that throws must not undo what it was told about. */
export function createEmitFileEvent(listener: EmitFileEvent | undefined): EmitFileEvent {
  return (event) => {
    try {
      listener?.(event);
    } catch {
      // It is the listener's own failure, and there is nobody to tell.
    }
  };
}
