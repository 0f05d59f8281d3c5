/** `AbortSignal` as the runtime at hand declares it; this package's own types need neither the DOM's nor Node's. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } }
  ? S
  : {
      readonly aborted: boolean;
      readonly reason: unknown;
      /** Calls the listener when the signal aborts. */
      addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
      /** Takes the listener back. */
      removeEventListener(type: "abort", listener: () => void): void;
    };
