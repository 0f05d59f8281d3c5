import { failed } from "./answered.ts";
import { call } from "./call.ts";
import { notSent } from "./classify.ts";
import { LIST_TOKENS, MINT_TOKEN, type MintedToken, REVOKE_TOKEN } from "./endpoints.ts";
import { plain } from "./plain.ts";
import type { Sender } from "./platform.ts";
import { ask, type RequestOptions } from "./request.ts";
import type { PlatformResult } from "./result.ts";
import { urlEncoded } from "./text.ts";
import type { TokenInfo } from "./values.ts";

/** A workspace's tokens on the platform. */
export interface TokensClient {
  /** Lists the live tokens. */
  list(options?: RequestOptions): Promise<PlatformResult<readonly TokenInfo[]>>;
  /**
   * Creates an additional API token. It is returned, and passed to `onIssued` if set; it never replaces the `Auth`'s
   * token.
   */
  mint(options?: RequestOptions): Promise<PlatformResult<MintedToken>>;
  /**
   * Revokes one token. Never revoke the last one from register, rotate or the operator: without it, the workspace is
   * open to anyone, whatever API tokens exist.
   */
  revoke(tokenId: string, options?: RequestOptions): Promise<PlatformResult<null>>;
}

export class Tokens implements TokensClient {
  readonly #sender: Sender;
  readonly #path: string;

  constructor(sender: Sender) {
    this.#sender = sender;
    this.#path = `workspaces/${sender.workspaceId}/tokens`;
  }

  list(options: RequestOptions = {}): Promise<PlatformResult<readonly TokenInfo[]>> {
    return call(this.#sender, LIST_TOKENS, ask(this.#path), plain(options));
  }

  mint(options: RequestOptions = {}): Promise<PlatformResult<MintedToken>> {
    return call(this.#sender, MINT_TOKEN, ask(this.#path, "{}"), plain(options));
  }

  revoke(tokenId: string, options: RequestOptions = {}): Promise<PlatformResult<null>> {
    // `URL` resolves dots, encoded or not: the request would delete something else.
    if (typeof tokenId !== "string" || /^\.{0,2}$/.test(tokenId)) {
      return Promise.resolve(
        failed(notSent("invalid", "TOKEN_NOT_FOUND", "nothing was sent: not a token's id")),
      );
    }
    return call(this.#sender, REVOKE_TOKEN, ask(`${this.#path}/${urlEncoded(tokenId)}`), plain(options));
  }
}
