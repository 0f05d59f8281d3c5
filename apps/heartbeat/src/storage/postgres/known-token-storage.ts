import { type AccessOptions, isAuthError, type TokenStorage } from "@x/auth-core";

/** A storage that registers its tokens for redaction. Small: a runner has thousands. */
export class KnownTokenStorage implements TokenStorage {
  readonly #storage: Required<TokenStorage>;
  readonly #onSecret: (text: string) => void;
  readonly #lastKnown: () => string | null;

  /**
   * @param onSecret called with each token before it is returned or written
   * @param lastKnown the token to use while the storage cannot be reached
   */
  constructor(
    storage: Required<TokenStorage>,
    onSecret: (text: string) => void,
    lastKnown: () => string | null = () => null,
  ) {
    this.#storage = storage;
    this.#onSecret = onSecret;
    this.#lastKnown = lastKnown;
  }

  get location(): string {
    return this.#storage.location;
  }

  async read(options?: AccessOptions): Promise<string | null> {
    const text = await this.#read(options);
    if (text !== null) this.#onSecret(text);
    return text;
  }

  async write(token: string, options?: AccessOptions): Promise<void> {
    this.#onSecret(token);
    await this.#storage.write(token, options);
  }

  async replace(expected: string | null, token: string, options?: AccessOptions): Promise<boolean> {
    this.#onSecret(token);
    return this.#storage.replace(expected, token, options);
  }

  async remove(options?: AccessOptions): Promise<void> {
    await this.#storage.remove(options);
  }

  async probe(options?: AccessOptions): Promise<void> {
    await this.#storage.probe(options);
  }

  watch(changed: () => void, options?: { readonly signal?: AbortSignal }): () => void {
    return this.#storage.watch(changed, options);
  }

  async #read(options?: AccessOptions): Promise<string | null> {
    try {
      return await this.#storage.read(options);
    } catch (error) {
      // Without a cause, something was read that is unusable, such as text that was encrypted with another key.
      const known = isAuthError(error) && error.cause !== undefined ? this.#lastKnown() : null;
      if (known === null) throw error;
      return known;
    }
  }
}
