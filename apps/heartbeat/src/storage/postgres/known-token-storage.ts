import type { AccessOptions, TokenStorage } from "@x/auth-core";

interface Listeners {
  /** Called with each token before it is returned or written. */
  readonly onSecret: (text: string) => void;
  /** Called with each token that is known to be stored. */
  readonly onStored: (text: string) => void;
}

/** A storage that registers its tokens for redaction. Small: a runner has thousands. */
export class KnownTokenStorage implements TokenStorage {
  readonly #storage: Required<TokenStorage>;
  readonly #listeners: Listeners;

  constructor(storage: Required<TokenStorage>, listeners: Listeners) {
    this.#storage = storage;
    this.#listeners = listeners;
  }

  get location(): string {
    return this.#storage.location;
  }

  async read(options?: AccessOptions): Promise<string | null> {
    const text = await this.#storage.read(options);
    if (text !== null) {
      this.#listeners.onSecret(text);
      this.#listeners.onStored(text);
    }
    return text;
  }

  async write(token: string, options?: AccessOptions): Promise<void> {
    this.#listeners.onSecret(token);
    await this.#storage.write(token, options);
    this.#listeners.onStored(token);
  }

  async replace(expected: string | null, token: string, options?: AccessOptions): Promise<boolean> {
    this.#listeners.onSecret(token);
    const isReplaced = await this.#storage.replace(expected, token, options);
    if (isReplaced) this.#listeners.onStored(token);
    return isReplaced;
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
