import type { Awaitable, TokenStorage } from "@x/auth-core";

/**
 * One storage under test, in a place of its own where nothing is stored yet. Each promise of the suite asks for a new
 * one. What is optional makes the suite stricter: give all that your storage can do.
 */
export interface StorageFixture {
  /** The storage under test. */
  readonly storage: TokenStorage;
  /**
   * Another, independent handle on the same place, as another process or tab would have it. Without it the suite uses
   * `storage` itself for both.
   */
  reopen?(): Awaitable<TokenStorage>;
  /** Makes every read through `storage` fail from now on, as a lost permission or a broken disk would. */
  failReads?(): Awaitable<void>;
  /** Makes every write through `storage` fail from now on, as a full disk would. Reads go on. */
  failWrites?(): Awaitable<void>;
  /** Called once at the end, whether the promise was kept or not. */
  dispose?(): Awaitable<void>;
}

/** Registers one promise: a test with a fixture of its own. */
export type PromiseThat = (name: string, body: (fixture: StorageFixture) => Promise<void>) => void;

/** A second handle, or the only one there is. */
export async function another(fixture: StorageFixture): Promise<TokenStorage> {
  return (await fixture.reopen?.()) ?? fixture.storage;
}
