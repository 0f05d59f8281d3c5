import { AuthError, type TokenSource } from "@x/auth-core";

/** The most tokens whose platform is remembered; of more, the oldest is forgotten. */
const REMEMBERED = 200_000;

/**
 * For which platform each token of a list was first used. An entry that moves to another platform and keeps its token
 * would send it there.
 */
export class ListTokenPlatforms {
  readonly #origins = new Map<string, string>();

  /** Whether the token is this platform's; one that was not used before is from now on. */
  claim(token: string, origin: string): boolean {
    const known = this.#origins.get(token);
    if (known !== undefined) return known === origin;
    this.#origins.set(token, origin);
    const [oldest] = this.#origins.keys();
    if (this.#origins.size > REMEMBERED && oldest !== undefined) this.#origins.delete(oldest);
    return true;
  }
}

export interface ListTokenOptions {
  readonly token: string | undefined;
  readonly origin: string;
  /** @default nothing is known of any token */
  readonly platforms?: ListTokenPlatforms;
}

/** The token that a list gives a workspace. */
export class ListToken implements TokenSource {
  readonly location = "the list of workspaces";
  token: string | undefined;
  readonly #origin: string;
  readonly #platforms: ListTokenPlatforms | undefined;

  constructor({ token, origin, platforms }: ListTokenOptions) {
    this.token = token;
    this.#origin = origin;
    this.#platforms = platforms;
  }

  read(): string | null {
    if (this.token === undefined) return null;
    if (this.#platforms?.claim(this.token, this.#origin) ?? true) return this.token;
    throw new AuthError(
      "TOKEN_INVALID",
      "The list's token was used for another platform, so it is not sent to this one: " +
        "give the entry a token of its platform_url, or none.",
    );
  }
}
