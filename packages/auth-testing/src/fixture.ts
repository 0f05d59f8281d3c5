import type { Awaitable, TokenStorage } from "@x/auth-core";

/**
 * An empty storage under test, at a separate location. Each test asks for a new one. Optional members make the suite
 * stricter: provide all that your storage supports.
 */
export interface StorageFixture {
  /** The storage under test. */
  readonly storage: TokenStorage;
  /**
   * Another, independent handle on the same location, like another process or tab. Without it, the suite uses `storage`
   * for both.
   */
  reopen?(): Awaitable<TokenStorage>;
  /** Makes all further reads through `storage` fail, as after a lost permission or a disk failure. */
  failReads?(): Awaitable<void>;
  /** Makes all further writes through `storage` fail, as on a full disk. Reads still work. */
  failWrites?(): Awaitable<void>;
  /** Called once at the end, whether the test passed or failed. */
  dispose?(): Awaitable<void>;
}

/** Registers a test with its own fixture. */
export type PromiseThat = (name: string, body: (fixture: StorageFixture) => Promise<void>) => void;

/** A second handle, or the only one. */
export async function another(fixture: StorageFixture): Promise<TokenStorage> {
  return (await fixture.reopen?.()) ?? fixture.storage;
}
