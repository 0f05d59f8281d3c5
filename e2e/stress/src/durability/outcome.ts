import type { Child } from "../fixtures/child.ts";
import { type Implementation, inspectFile } from "../implementations.ts";
import type { Content } from "../tokens.ts";

/** The outcome of one save. */
export interface Outcome {
  /** The new token and the previous one. */
  readonly n: number;
  readonly old: number;
  /** The code of the error that the caller got; `null`: the save succeeded. */
  readonly errorCode: string | null;
  readonly found: Content;
}

export async function saveOnce(
  writer: Child,
  implementation: Implementation,
  directory: string,
  { n, old }: { n: number; old: number },
): Promise<Outcome> {
  const errorCode = await askToSave(writer, directory, n);
  return { n, old, errorCode, found: inspectFile(directory, implementation) };
}

/** @returns the code of the error that the caller got; `null`: the save succeeded */
async function askToSave(writer: Child, directory: string, n: number): Promise<string | null> {
  const answer = await writer.ask(`${n} ${directory}`);
  if (answer === null) return "the writer died";
  return answer.startsWith("!") ? answer.slice(1) : null;
}

/** Saves under normal conditions. */
export async function saveFirst(writer: Child, directory: string, n: number): Promise<void> {
  const errorCode = await askToSave(writer, directory, n);
  if (errorCode !== null) throw new Error(`A save that should have worked ended with ${errorCode}.`);
}

/** The minimum requirement: the old token or the new one, and an error unless it is the new one. */
export function harm({ n, old, errorCode, found }: Outcome): string | null {
  if (found.kind !== "whole") return errorCode === null ? `${found.kind} and not reported` : found.kind;
  if (found.n === n) return null;
  if (errorCode === null) return "not stored and not reported";
  return found.n === old ? null : "another token";
}

/** For a location in which a save is possible: not storing is a failure too. */
export function failure(outcome: Outcome): string | null {
  return harm(outcome) ?? (outcome.errorCode === null ? null : `rejected with ${outcome.errorCode}`);
}

/**
 * What is wrong with the file after a writer ended.
 *
 * @param saved the last token whose save was confirmed; a later one is fine too
 */
export function loss(found: Content, saved: number): string | null {
  if (found.kind !== "whole") return found.kind;
  return found.n < saved ? "older" : null;
}
