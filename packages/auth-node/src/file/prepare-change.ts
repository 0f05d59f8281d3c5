import { isAuthError } from "@x/auth-core";
import type { Access } from "./access.ts";
import type { Audience } from "./audience.ts";
import type { FileStats } from "./file-system.ts";
import { lstatIfPresent } from "./follow-links.ts";
import { readHeld } from "./held-token.ts";
import type { FileLocation } from "./location.ts";
import { findDirectory } from "./open-directory.ts";
import { addOrigin, isListed, type OriginEntry, readOrigins } from "./origins-list.ts";
import { Overtaken } from "./overtaken.ts";
import { readTokenFile } from "./read-token-file.ts";
import { asideOf, setAside, statAside } from "./set-aside.ts";
import { together } from "./together.ts";
import { findWriteTarget, type WriteTarget } from "./write-target.ts";
import { isNotReplaceable } from "./write-token-file.ts";

/** A change that has been prepared. */
export interface Prepared {
  readonly token: string;
  /** `null`: nothing is recorded or set aside. */
  readonly audience: Audience | null;
  /** Whether the list records the token. */
  readonly isListed: boolean;
  readonly entries: readonly OriginEntry[];
  readonly target: WriteTarget;
  readonly stored: string | null;
  /** This audience's token that was set aside. */
  readonly wasAside: FileStats | null;
  /** Where the stored token was set aside. */
  readonly aside: readonly FileLocation[];
}

/** @throws Overtaken if another process has replaced the list meanwhile by one without the new token */
export async function recheckList(access: Access, location: FileLocation, prepared: Prepared): Promise<void> {
  const { token, audience } = prepared;
  if (audience === null || !prepared.isListed) return;
  const entries = await readOrigins(access, location, "change");
  // Where a list counts as another user's, as on some network file systems, it is empty for everyone.
  if (entries.length > 0 && !isListed(entries, token, audience)) throw new Overtaken();
}

/** @throws Overtaken if the file, or where its token was set aside, has changed since the change was prepared */
export async function recheckFile(access: Access, location: FileLocation, prepared: Prepared): Promise<void> {
  const { target, stored, aside } = prepared;
  await recheckList(access, location, prepared);
  for (const each of aside) {
    if ((await readTokenFile(access, each).catch(() => null)) !== stored) throw new Overtaken();
  }
  const now = await lstatIfPresent(access, target.path);
  if (now?.ino !== target.stats?.ino || now?.ctimeMs !== target.stats?.ctimeMs) throw new Overtaken();
}

/** Prepares a change of the file: sets aside another audience's token, and records the new one in the list. */
export async function prepareChange(
  access: Access,
  location: FileLocation,
  audience: Audience | null,
  token: string,
): Promise<Prepared> {
  if (location.root !== null) {
    const target = await findWriteTarget(access, location);
    return {
      token,
      audience: null,
      isListed: false,
      entries: [],
      target,
      stored: null,
      wasAside: null,
      aside: [],
    };
  }
  const directory = findDirectory(access, location);
  const [entries, target] = await together([
    readOrigins(access, location, "change", { directory }),
    findWriteTarget(access, location, directory),
  ]);
  const wasAside = audience === null ? null : await statAside(access, location, audience);
  const { stored, others } = await readHeld(access, location, entries, audience);
  const aside = stored === null ? [] : others.map((other) => asideOf(location, other));
  for (const each of aside) await setAside(access, each, stored ?? "");
  const isListed =
    audience !== null &&
    (await withOrWithoutList(addOrigin(access, location, { entries, stored, token, audience }), others));
  return { token, audience, isListed, entries, target, stored, wasAside, aside };
}

/**
 * Where no list can be stored, a token belongs to the configured platform and workspace, unless another one was just
 * set aside.
 *
 * @returns whether it was stored
 */
export async function withOrWithoutList(
  listing: Promise<void>,
  others: readonly OriginEntry[],
): Promise<boolean> {
  try {
    await listing;
    return true;
  } catch (error) {
    if (error instanceof Overtaken) throw error;
    const cause = isAuthError(error) ? error.cause : error;
    if (others.length > 0 || !isNotReplaceable(cause)) throw error;
    return false;
  }
}
