import { AuthError, type TokenSource } from "@x/auth-core";

/** Maximum number of tokens whose platform is remembered; beyond that, the oldest is dropped. */
const REMEMBERED = 200_000;

/**
 * The platform that each token of a list was first listed for, used or not. An entry that moves to another platform but
 * keeps its token would otherwise send it there.
 */
export class ListTokenPlatforms {
  readonly #origins = new Map<string, string>();

  /** Whether the token belongs to this platform; a new token belongs to the first platform it is listed for. */
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
  /** @default no token is known */
  readonly platforms?: ListTokenPlatforms;
}

/** The token that a list gives a workspace. */
export class ListToken implements TokenSource {
  readonly location = "the list of workspaces";
  #token: string | undefined;
  readonly #origin: string;
  readonly #platforms: ListTokenPlatforms | undefined;

  constructor({ token, origin, platforms }: ListTokenOptions) {
    this.#origin = origin;
    this.#platforms = platforms;
    this.token = token;
  }

  set token(token: string | undefined) {
    this.#token = token;
    // Not only on read: while the store holds a token, this one is not read, and it may be the same token.
    if (token !== undefined) this.#platforms?.claim(token, this.#origin);
  }

  read(): string | null {
    if (this.#token === undefined) return null;
    if (this.#platforms?.claim(this.#token, this.#origin) ?? true) return this.#token;
    throw new AuthError(
      "TOKEN_INVALID",
      "The list's token was given for another platform, so it is not sent to this one: " +
        "give the entry a token from its platform_url, or none.",
    );
  }
}
