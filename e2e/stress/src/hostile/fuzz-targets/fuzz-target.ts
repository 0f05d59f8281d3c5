import { inspect } from "node:util";
import { type AuthErrorCode, isAuthError } from "@x/auth-core";
import fc, { type Arbitrary } from "fast-check";
import { repeats } from "../rules.ts";
import type { Wire } from "../wire/wire.ts";

/** The outcome of one input: accepted, properly rejected, or a failure. */
export type CheckResult = "accepted" | "rejected" | { readonly bad: string };

/** One input, not tried yet. */
export interface Case {
  check(): CheckResult | Promise<CheckResult>;
  /** Sends an accepted input over a real socket. @returns what is wrong with the request */
  readonly send?: () => Promise<string | null>;
  readonly shown: () => string;
}

/** Resources for a fuzz target. */
interface Resources {
  /** Private and empty. */
  readonly directory: string;
  readonly wire: Wire;
}

/** One entry point for untrusted input. */
export interface FuzzTarget {
  readonly id: string;
  /** Its name in the table. */
  readonly what: string;
  /** Its share of a million inputs. */
  readonly share: number;
  /** The concurrency, for inputs that wait. */
  readonly atOnce: number;
  open(resources: Resources): Promise<OpenFuzzTarget>;
}

export interface OpenFuzzTarget {
  /** Deterministic: the same seed gives the same inputs. */
  cases(count: number, seed: number): Case[];
  close?(): Promise<void>;
}

interface Handlers<T> {
  check(input: T): CheckResult | Promise<CheckResult>;
  send?(input: T): Promise<string | null>;
}

const SHOWN = { depth: 6, maxStringLength: 400, breakLength: Number.POSITIVE_INFINITY };

/** Bytes decoded as text, for comparison. */
function legible(input: unknown): unknown {
  if (input instanceof Uint8Array) return Buffer.from(input).toString("latin1");
  if (Array.isArray(input)) return input.map(legible);
  if (typeof input !== "object" || input === null) return input;
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, legible(value)]));
}

export function openFuzzTarget<T>(inputs: Arbitrary<T>, { check, send }: Handlers<T>): OpenFuzzTarget {
  return {
    cases: (count, seed) =>
      fc.sample(inputs, { numRuns: count, seed }).map((input) => ({
        check: () => check(input),
        ...(send && { send: () => send(input) }),
        shown: () => inspect(legible(input), SHOWN),
      })),
  };
}

/** Whether an error is expected: it has one of these codes and contains none of these texts in any rendering. */
export function checkRejection(
  error: unknown,
  codes: readonly AuthErrorCode[],
  texts: readonly unknown[],
): CheckResult {
  if (!isAuthError(error)) return { bad: `threw ${error instanceof Error ? error.name : typeof error}` };
  if (!codes.includes(error.code)) return { bad: `threw ${error.code}` };
  if (repeats(error.message, texts) || repeats(causesOf(error), texts))
    return { bad: "an error repeats the input" };
  return "rejected";
}

function causesOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? `${cause.message}\n${causesOf(cause)}` : String(cause ?? "");
}

/** A call's result or error, as one value. */
export async function attempt<T>(call: () => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await call() };
  } catch (error) {
    return { error };
  }
}
