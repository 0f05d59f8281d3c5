import type { AuthOptions } from "./auth.ts";
import { checkOrgId, type Env } from "./headers.ts";
import { type Platform, parsePlatformUrl } from "./platform-url.ts";
import { textOf } from "./token.ts";

/**
 * An object's own property, checked even if it is not a string; `null` if blank. An inherited one does not count: a
 * polluted `Object.prototype` could name another platform.
 */
export function ownText<T>(
  from: Readonly<Record<string, unknown>> | undefined,
  name: string,
  check: (value: string, name: string) => T,
): T | null {
  const value = from && Object.hasOwn(from, name) ? from[name] : null;
  return textOf(value) ? check(value as string, name) : null;
}

/**
 * The platform and the tenant: options, else environment variables. Those are read live, and each is parsed only when
 * its text has changed, because every request needs them and parsing would dominate the cost of signing.
 */
export class Settings {
  readonly #env: Env;
  readonly #givenPlatform: Platform | null;
  readonly #givenOrgId: string | null;
  #platform: Platform | null = null;
  #org: string | null = null;
  /** The texts that were parsed last. */
  #url: string | undefined;
  #orgId: string | undefined;
  #organizationId: string | undefined;

  constructor(options: Partial<AuthOptions>) {
    this.#env = options.env ?? {};
    this.#givenPlatform = ownText(options, "platformUrl", parsePlatformUrl);
    this.#givenOrgId = ownText(options, "orgId", checkOrgId);
  }

  /** @throws AuthError `PLATFORM_URL_INVALID` */
  platform(): Platform | null {
    if (this.#givenPlatform) return this.#givenPlatform;
    const { PLATFORM_URL } = this.#env;
    if (PLATFORM_URL !== this.#url) {
      this.#platform = ownText(this.#env, "PLATFORM_URL", parsePlatformUrl);
      this.#url = PLATFORM_URL;
    }
    return this.#platform;
  }

  /** @throws AuthError `ORG_ID_INVALID` */
  orgId(): string | null {
    if (this.#givenOrgId) return this.#givenOrgId;
    const { MOLECULE_ORG_ID, MOLECULE_ORGANIZATION_ID } = this.#env;
    if (MOLECULE_ORG_ID !== this.#orgId || MOLECULE_ORGANIZATION_ID !== this.#organizationId) {
      this.#org =
        ownText(this.#env, "MOLECULE_ORG_ID", checkOrgId) ??
        ownText(this.#env, "MOLECULE_ORGANIZATION_ID", checkOrgId);
      this.#orgId = MOLECULE_ORG_ID;
      this.#organizationId = MOLECULE_ORGANIZATION_ID;
    }
    return this.#org;
  }
}
