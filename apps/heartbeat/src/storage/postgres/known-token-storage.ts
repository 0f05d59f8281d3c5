import type { AccessOptions, TokenStorage } from "@x/auth-core";

/** A storage that registers its tokens for redaction. Small: a runner has thousands. */
export class KnownTokenStorage implements TokenStorage {
  readonly #storage: Required<TokenStorage>;
  readonly #onSecret: (text: string) => void;

  /** @param onSecret called with each token before it is returned or written */
  constructor(storage: Required<TokenStorage>, onSecret: (text: string) => void) {
    this.#storage = storage;
    this.#onSecret = onSecret;
  }

  get location(): string {
    return this.#storage.location;
  }

  async read(options?: AccessOptions): Promise<string | null> {
    const text = await this.#storage.read(options);
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
}
