import { inspect } from "node:util";
import { type AuthErrorCode, isAuthError } from "@x/auth-core";
import fc, { type Arbitrary } from "fast-check";
import { repeats } from "../rules.ts";
import type { Wire } from "../wire/wire.ts";

/** What became of one input: accepted, rejected as it should be, or anything else. */
export type CheckResult = "accepted" | "rejected" | { readonly bad: string };

/** One input, not yet tried. */
export interface Case {
  check(): CheckResult | Promise<CheckResult>;
  /** Sends what was let in over a real socket, and says what is wrong with it there. */
  readonly send?: () => Promise<string | null>;
  readonly shown: () => string;
}

/** What a fuzz target can use while it is tried. */
interface Resources {
  /** Its own, and empty. */
  readonly directory: string;
  readonly wire: Wire;
}

/** One way in for what others have written. */
export interface FuzzTarget {
  readonly id: string;
  /** As the table calls it. */
  readonly what: string;
  /** How many of a million inputs come here. */
  readonly share: number;
  /** How many are tried at once, when each of them waits for something. */
  readonly atOnce: number;
  open(resources: Resources): Promise<OpenFuzzTarget>;
}

export interface OpenFuzzTarget {
  /** The same seed gives the same inputs. */
  cases(count: number, seed: number): Case[];
  close?(): Promise<void>;
}

interface Handlers<T> {
  check(input: T): CheckResult | Promise<CheckResult>;
  send?(input: T): Promise<string | null>;
}

const SHOWN = { depth: 6, maxStringLength: 400, breakLength: Number.POSITIVE_INFINITY };

/** Bytes as the text that they are close to. */
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

/** Whether an error is one that may come: with one of these codes, and without any of these texts, however it is shown. */
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

/** What a call gives or throws, as one value. */
export async function attempt<T>(call: () => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await call() };
  } catch (error) {
    return { error };
  }
}
