/** The current runtime's `AbortSignal` type. This package's own types depend on neither the DOM nor Node. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } }
  ? S
  : {
      readonly aborted: boolean;
      readonly reason: unknown;
      /** Calls the listener when the signal aborts. */
      addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
      /** Removes the listener. */
      removeEventListener(type: "abort", listener: () => void): void;
    };

/** A value or a promise of it. */
export type Awaitable<T> = T | Promise<T>;
