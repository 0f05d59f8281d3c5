import { createHash } from "node:crypto";
import type { TokenInfo } from "@x/platform-client";

/** What a rotation records before it changes anything on the platform, so that another run can resume it. */
export interface RotationRecord {
  /** The platform's time, in milliseconds since 1970. */
  readonly since: number;
  /** Ids of the tokens that were live then. */
  readonly known: readonly string[];
  /** Of those, the ids left over from interrupted runs: no agent has their tokens. */
  readonly leftovers: readonly string[];
  /** An API token that can repeat the rotation; `null` when it may have been minted but was not stored. */
  readonly lifeline: string | null;
  /** `fingerprint` of the token that the rotation returned, once it is stored; `null` before. */
  readonly issued: string | null;
}

/** Identifies the token without revealing it. */
export const fingerprint = (token: string): string => createHash("sha256").update(token).digest("hex");

const VERSION = "rotation/1";
const ID = /^[\w-]{1,128}$/;

/** Whether a token's id can be recorded. The platform's are UUIDs. */
export const isRecordable = ({ id }: Pick<TokenInfo, "id">): boolean => ID.test(id);

/** One line, in the format of a token file. The lifeline comes last, because a token may contain any character. */
export function formatRecord({ since, known, leftovers, issued, lifeline }: RotationRecord): string {
  return [VERSION, since, known.join(","), leftovers.join(","), issued ?? "", lifeline ?? ""].join(";");
}

/** `null` for a line that `formatRecord` has not written. */
export function parseRecord(line: string): RotationRecord | null {
  const found = /^rotation\/1;(\d{1,15});([\w,-]*);([\w,-]*);([0-9a-f]*);(.*)$/.exec(line);
  if (found === null) return null;
  const [, since, known = "", leftovers = "", issued = "", lifeline = ""] = found;
  const ids = (list: string) => list.split(",").filter((id) => id !== "");
  return {
    since: Number(since),
    known: ids(known),
    leftovers: ids(leftovers),
    issued: issued || null,
    lifeline: lifeline || null,
  };
}

/** How long after its record a run may still have been issued a token that it then lost. */
const RUN_MS = 300_000;

/** A workspace's live tokens, grouped by owner. */
export interface SortedTokens {
  /** Ids of tokens that this runner has. */
  readonly held: ReadonlySet<string>;
  /** Ids of tokens that were issued to an interrupted run and lost. */
  readonly leftovers: readonly string[];
  /** Tokens of others. */
  readonly others: readonly TokenInfo[];
}

/** What is known about a workspace's tokens. */
export interface TokenOrigins {
  /** Those that this runner has, in any order. */
  readonly held: readonly string[];
  /** The interrupted run's record. @default there was none */
  readonly record?: RotationRecord | null;
  /** That run may have been issued one more token and lost it. @default false */
  readonly mayHaveLostOne?: boolean;
}

/**
 * Sorts the live tokens of a workspace. The token that a run has lost was created after its record and never used. If
 * several match, none counts.
 */
export function sortTokens(
  live: readonly TokenInfo[],
  { held, record = null, mayHaveLostOne = false }: TokenOrigins,
): SortedTokens {
  const own = new Set<string>();
  for (const token of held) {
    const found = live.find(({ id, prefix }) => !own.has(id) && isPrefixOf(prefix, token));
    if (found !== undefined) own.add(found.id);
  }
  const unknown = live.filter(({ id }) => !own.has(id));
  const fitting = mayHaveLostOne
    ? unknown.filter((token) => record !== null && mayBeLost(token, record))
    : [];
  const lost = fitting.length === 1 ? fitting : [];
  const isLeftover = (token: TokenInfo) =>
    isUnused(token) && (lost.includes(token) || (record?.leftovers.includes(token.id) ?? false));
  return {
    held: own,
    leftovers: unknown.filter(isLeftover).map(({ id }) => id),
    others: unknown.filter((token) => !isLeftover(token)),
  };
}

/** As many characters as the platform stores of a token: fewer could match another client's. */
const PREFIX_LENGTH = 8;

const isPrefixOf = (prefix: string, token: string): boolean =>
  prefix.length === PREFIX_LENGTH && token.startsWith(prefix);

const isUnused = ({ lastUsedAt }: TokenInfo): boolean => lastUsedAt === "";

function mayBeLost(token: TokenInfo, { since, known }: RotationRecord): boolean {
  const createdAt = Date.parse(token.createdAt);
  return isUnused(token) && !known.includes(token.id) && createdAt <= since + RUN_MS;
}

/** The platform's time according to a list of tokens: the request for the list was the last use of one of them. */
export function platformTime(live: readonly TokenInfo[], fallback: number): number {
  const uses = live.map(({ lastUsedAt }) => Date.parse(lastUsedAt)).filter(Number.isFinite);
  return uses.length === 0 ? Math.trunc(fallback) : Math.max(...uses);
}
