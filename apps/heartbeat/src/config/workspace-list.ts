import { isAuthError, parseWorkspaces, type WorkspaceEntry } from "@x/auth-core";
import { ownMember } from "../storage/own.ts";
import { parseJson, refuseRepeatedNames } from "./json.ts";
import { tokenMistake } from "./token-mistakes.ts";
import { type KnownKeys, unknownKeys } from "./unknown-keys.ts";
import { IN_OUR_NOTATION, isInOtherNotation } from "./uuid-notation.ts";

/** A list of workspaces, as it was written. */
export interface List {
  readonly entries: readonly WorkspaceEntry[];
  readonly warnings: readonly string[];
}

/** `name` is a display name. */
const ENTRY_KEYS: KnownKeys = {
  keys: ["id", "token", "platform_url", "name"],
  otherwise: {
    configsdir: "the directory is the same for all: --configs-dir",
    authtoken: 'did you mean "token"?',
    bearer: 'did you mean "token"?',
    workspaceid: 'did you mean "id"?',
    url: 'did you mean "platform_url"?',
    platform: 'did you mean "platform_url"?',
  },
};
const MAX_WARNINGS = 20;

const EMPTY_LIST =
  'the list is empty; put a workspace into it, like {"id":"1b4e28ba-2fa1-41d2-883f-0016d3cca427"}.';

/**
 * Parses a list.
 *
 * @param name what errors and warnings call the list
 * @throws Error with its first problems
 */
export function parseList(name: string, read: () => string): List {
  return named(name, () => {
    const text = read();
    const value = parseJson(text);
    refuseRepeatedNames(text);
    const entries = entriesOf(text, value);
    if (entries.length === 0) throw new Error(EMPTY_LIST);
    reject(
      entries.flatMap(({ token }, index) => {
        const mistake = token === undefined ? undefined : tokenMistake(token);
        return mistake === undefined ? [] : [`entry ${index + 1}: "token" ${mistake}.`];
      }),
    );
    return { entries, warnings: Array.isArray(value) ? warningsOf(name, value) : [] };
  });
}

function warningsOf(name: string, entries: readonly unknown[]): string[] {
  const warnings: string[] = [];
  for (const [index, entry] of entries.entries()) {
    if (typeof entry !== "object" || entry === null) continue;
    for (const sentence of unknownKeys(entry, ENTRY_KEYS)) {
      if (warnings.length === MAX_WARNINGS) return [...warnings, `${name}: more entries have unknown keys.`];
      warnings.push(`${name}: entry ${index + 1}: ${sentence}`);
    }
  }
  return warnings;
}

const MAX_PROBLEMS = 20;

function reject(problems: readonly string[], hints: readonly string[] = []): void {
  if (problems.length === 0) return;
  const shown = problems.slice(0, MAX_PROBLEMS);
  const more = problems.length - shown.length;
  if (more > 0) shown.push(`and ${more} more entries have problems.`);
  throw new Error(`The list of workspaces is invalid:\n  ${[...shown, ...hints].join("\n  ")}`);
}

/** Prefixes a problem with the name of the list. */
function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : error}`);
  }
}

/** @throws Error with the first problems of all */
function entriesOf(text: string, value: unknown): readonly WorkspaceEntry[] {
  try {
    return parseWorkspaces(text);
  } catch (error) {
    const isHinted = Array.isArray(value) && value.some((each) => isInOtherNotation(ownMember(each, "id")));
    if (isAuthError(error)) reject(error.problems ?? [], isHinted ? [IN_OUR_NOTATION] : []);
    throw error;
  }
}
