import { refKey, type WorkspaceRef } from "../../src/storage/workspace-store.ts";
import { describe, type IssuedToken, isFor, type Tokens } from "./tokens.ts";

/** One run of a runner, from its start to its end. */
export interface Life {
  /** Whether its `run()` has settled. */
  isOver: boolean;
  /** Refs whose removal was requested: requests in flight continue, but no registration begins. */
  readonly leaving: Set<string>;
  /** Refs whose removal has settled. */
  readonly ended: Set<string>;
  /** Registrations and heartbeats in flight, by ref. */
  readonly inFlight: Map<string, number>;
  /** When its store was last seen to accept a token, by ref; used up by a registration without a bearer. */
  readonly probedAt: Map<string, number>;
  /** Tokens received in an answer. */
  readonly reached: IssuedToken[];
}

export const newLife = (): Life => ({
  isOver: false,
  leaving: new Set(),
  ended: new Set(),
  inFlight: new Map(),
  probedAt: new Map(),
  reached: [],
});

export interface SentRequest {
  readonly ref: WorkspaceRef;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The complete request, as text. */
  readonly text: string;
}

/** Maximum age of a probe before a registration: then the token is read once more, with a limit of 5 s. */
const PROBE_AGE_MS = 6_000;

/** Checks requests and writes against the invariants. */
export class Audit {
  readonly violations: string[] = [];
  readonly #tokens: Tokens;
  readonly #now: () => number;

  constructor(tokens: Tokens, now: () => number) {
    this.#tokens = tokens;
    this.#now = now;
  }

  sends(life: Life, request: SentRequest): void {
    const { ref, method, path, headers, text } = request;
    const what = `${method} ${path}`;
    this.#checkLife(life, ref, `sent ${what}`);
    const bearer = bearerOf(headers);
    const owner = this.#tokens.find(bearer);
    if (bearer !== null && (owner === undefined || !isFor(owner, ref))) {
      this.report("I1", `${refKey(ref)}: ${what} carries ${describe(owner)}`);
    }
    for (const token of this.#tokens.within(text)) {
      if (!isFor(token, ref)) this.report("I1", `${refKey(ref)}: ${what} holds ${describe(token)}`);
    }
    if (headers.Origin !== ref.platformOrigin)
      this.report("I1", `${what} to ${ref.platformOrigin} has Origin ${headers.Origin}`);
    if (path !== "/registry/register") return;
    if (life.leaving.has(refKey(ref))) this.report("I3", `${refKey(ref)}: ${what} after it was removed`);
    if (bearer === null) this.#checkProbe(life, ref);
  }

  /** Starts a step of a workspace: registration or heartbeat. Returns a function to call when it has ended. */
  begins(life: Life, ref: WorkspaceRef): () => void {
    const key = refKey(ref);
    const count = (life.inFlight.get(key) ?? 0) + 1;
    life.inFlight.set(key, count);
    if (count > 1) this.report("I3", `${key}: a successor began before its predecessor had ended`);
    return () => life.inFlight.set(key, (life.inFlight.get(key) ?? 1) - 1);
  }

  /** @param before the replaced text; `undefined` when nothing is compared */
  writes(life: Life, ref: WorkspaceRef, { what, text, before }: Written): void {
    this.#checkLife(life, ref, `wrote ${what}`);
    const token = this.#tokens.find(text);
    if (token === undefined || !isFor(token, ref)) {
      this.report("I1", `${refKey(ref)}: ${what} became ${describe(token)}`);
    }
    const replaced = this.#tokens.find(before);
    if (replaced === undefined) return;
    if (!isFor(replaced, ref)) this.report("I1", `${refKey(ref)}: ${what} was ${describe(replaced)}`);
    else if (replaced.isLive && token !== undefined && token.number < replaced.number) {
      this.report("I2", `${refKey(ref)}: ${describe(replaced)} was overwritten by ${describe(token)}`);
    }
  }

  /** A write other than of a token: only its time matters. */
  touches(life: Life, ref: WorkspaceRef, what: string): void {
    this.#checkLife(life, ref, `wrote ${what}`);
  }

  probed(life: Life, ref: WorkspaceRef): void {
    life.probedAt.set(refKey(ref), this.#now());
  }

  report(invariant: "I1" | "I2" | "I3", what: string): void {
    this.violations.push(`${invariant} at ${this.#now()} ms: ${what}`);
  }

  #checkLife({ isOver, ended }: Life, ref: WorkspaceRef, what: string): void {
    const key = refKey(ref);
    if (isOver) this.report("I3", `${key}: ${what} after run() had settled`);
    else if (ended.has(key)) this.report("I3", `${key}: ${what} after remove() had settled`);
  }

  #checkProbe({ probedAt }: Life, ref: WorkspaceRef): void {
    const key = refKey(ref);
    const at = probedAt.get(key) ?? Number.NEGATIVE_INFINITY;
    probedAt.delete(key);
    if (this.#now() - at <= PROBE_AGE_MS) return;
    this.report("I2", `${key}: registered without a bearer, and the store was not seen to take a token`);
  }
}

interface Written {
  readonly what: string;
  readonly text: string;
  readonly before?: string | null;
}

export function bearerOf({ Authorization = "" }: Readonly<Record<string, string>>): string | null {
  return Authorization.startsWith("Bearer ") ? Authorization.slice("Bearer ".length) : null;
}
