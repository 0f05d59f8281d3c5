import { type Contestant, look } from "../contestants.ts";
import type { Child } from "../lab/child.ts";
import type { Content } from "../tokens.ts";

/** What came of one save. */
export interface Outcome {
  /** The token that was to be saved, and the one before it. */
  readonly n: number;
  readonly old: number;
  /** What the caller was told: `null`, that it is saved; else a code. */
  readonly told: string | null;
  readonly found: Content;
}

export async function saveOnce(
  writer: Child,
  contestant: Contestant,
  directory: string,
  { n, old }: { n: number; old: number },
): Promise<Outcome> {
  const told = await askToSave(writer, directory, n);
  return { n, old, told, found: look(directory, contestant) };
}

/** @returns what the caller was told */
async function askToSave(writer: Child, directory: string, n: number): Promise<string | null> {
  const answer = await writer.ask(`${n} ${directory}`);
  if (answer === null) return "the writer died";
  return answer.startsWith("!") ? answer.slice(1) : null;
}

/** Saves where nothing stands in the way. */
export async function saveFirst(writer: Child, directory: string, n: number): Promise<void> {
  const told = await askToSave(writer, directory, n);
  if (told !== null) throw new Error(`A save that should have worked ended with ${told}.`);
}

/** The least that anybody may expect: the old token or the new one, and an error unless it is the new one. */
export function harm({ n, old, told, found }: Outcome): string | null {
  if (found.kind !== "whole") return told === null ? `${found.kind} and nothing said` : found.kind;
  if (found.n === n) return null;
  if (told === null) return "not stored and nothing said";
  return found.n === old ? null : "another token";
}

/** For a place where saving is possible, if one knows how: not stored is a failure too. */
export function failure(outcome: Outcome): string | null {
  return harm(outcome) ?? (outcome.told === null ? null : `refused with ${outcome.told}`);
}

/**
 * What is wrong with what was found after the end of a writer.
 *
 * @param saved the last token of which its caller was told that it is saved; a later one may be there
 */
export function loss(found: Content, saved: number): string | null {
  if (found.kind !== "whole") return found.kind;
  return found.n < saved ? "older" : null;
}
