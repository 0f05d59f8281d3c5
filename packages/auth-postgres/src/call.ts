import { ignoreErrors, type PostgresClient } from "./client.ts";

/** The state of one call and its connection. */
export class Call {
  isSent = false;
  isHeld = false;
  #isGivenUp = false;
  #client: PostgresClient | null = null;

  /** Returns the connection unused if the call timed out while waiting for it. */
  hold(client: PostgresClient): void {
    // Idle connections' errors belong to the pool; on one in use, an unhandled error would end the process.
    ignoreErrors(client);
    if (this.#isGivenUp) {
      client.release(false);
      throw new Error("timed out");
    }
    this.isHeld = true;
    this.#client = client;
  }

  /** Prevents sending anything for a call that timed out while its session was set up. */
  send(): void {
    if (this.#isGivenUp) throw new Error("timed out");
    this.isSent = true;
  }

  end(): void {
    this.#release(false);
  }

  giveUp(): void {
    this.#isGivenUp = true;
    this.#release(true);
  }

  #release(destroy: boolean): void {
    const client = this.#client;
    this.#client = null;
    client?.release(destroy);
  }
}
