/**
 * All that the suite uses beyond the language: a timer, if there is one. Replaces the DOM's and Node's types, so that
 * anything else fails to compile.
 */
declare const setTimeout: ((callback: () => void, delayMs: number) => unknown) | undefined;
declare const clearTimeout: ((timer: unknown) => void) | undefined;

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
declare const AbortSignal: { prototype: AbortSignal };

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
