/**
 * All that the core may use beyond the language: `URL`, `fetch` and related types, which every runtime has. Replaces
 * the DOM's and Node's types, so that anything else fails to compile. Not published: the published declarations use
 * the consumer's own `fetch` type.
 */
declare class URL {
  constructor(url: string, base?: string | URL);
  readonly href: string;
  readonly origin: string;
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly search: string;
  readonly hash: string;
}

type HeadersInit = Headers | Record<string, string> | [string, string][];

declare class Headers {
  constructor(init?: HeadersInit);
  delete(name: string): void;
  get(name: string): string | null;
  set(name: string, value: string): void;
}

interface RequestInit {
  body?: unknown;
  headers?: HeadersInit;
  method?: string;
  redirect?: "error" | "follow" | "manual";
  signal?: AbortSignal | null;
}

declare class Request {
  constructor(input: string | URL | Request, init?: RequestInit);
  readonly body: object | null;
  readonly headers: Headers;
  readonly method: string;
  readonly redirect: "error" | "follow" | "manual";
  readonly signal: AbortSignal;
  readonly url: string;
  clone(): Request;
}

declare class Response {
  readonly body: { cancel(): Promise<void> } | null;
  readonly headers: Headers;
  readonly status: number;
  readonly type: string;
}

declare function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;

declare class AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

declare class DOMException extends Error {
  constructor(message: string, name: string);
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare function setTimeout(run: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;
