import { describeTokenStorage } from "@x/auth-testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { failureOf } from "../test/failures.ts";
import { newToken, rotatedToken, uniqueName } from "../test/tokens.ts";
import { indexedDbTokenStorage } from "./indexed-db-storage.ts";

function settled<T>(request: IDBOpenDBRequest | IDBRequest<T>): Promise<T | IDBDatabase> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Replaces our database with one of another application. */
async function takeOver(database: string): Promise<void> {
  await settled(indexedDB.deleteDatabase(database));
  const request = indexedDB.open(database);
  request.onupgradeneeded = () => request.result.createObjectStore("of-something-else");
  await settled(request);
  request.result.close();
}

describeTokenStorage(
  "IndexedDB",
  () => {
    const database = uniqueName();
    return {
      storage: indexedDbTokenStorage({ database }),
      reopen: () => indexedDbTokenStorage({ database }),
      failReads: () => takeOver(database),
      dispose: () => void indexedDB.deleteDatabase(database),
    };
  },
  { describe, it },
);

describe("indexedDbTokenStorage", () => {
  it("stores several tokens separately by key", async () => {
    const database = uniqueName();
    const [one, two] = ["one", "two"].map((key) => indexedDbTokenStorage({ database, key }));
    await one?.write(newToken);
    await two?.write(rotatedToken);
    expect(await one?.read()).toBe(newToken);
    expect(await two?.read()).toBe(rotatedToken);
  });

  it("needs no options", async () => {
    await indexedDbTokenStorage().write(newToken);
    expect(await indexedDbTokenStorage({ database: "workspace-auth", key: "token" }).read()).toBe(newToken);
    expect(indexedDbTokenStorage().location).toBe('IndexedDB "workspace-auth", key "token"');
    await settled(indexedDB.deleteDatabase("workspace-auth"));
  });

  it("does not block another tab from deleting the database, and works afterwards", async () => {
    const database = uniqueName();
    const storage = indexedDbTokenStorage({ database });
    await storage.write(newToken);
    await settled(indexedDB.deleteDatabase(database));
    expect(await storage.read()).toBeNull();
    await storage.write(rotatedToken);
    expect(await storage.read()).toBe(rotatedToken);
  });

  it("stores a token that is being committed when the signal aborts, without an error event", async () => {
    const storage = indexedDbTokenStorage({ database: uniqueName() });
    const control = new AbortController();
    // As the browser rejects it from the last request's success on.
    const abort = vi.spyOn(IDBTransaction.prototype, "abort").mockImplementation(() => {
      throw new DOMException("The transaction has finished.", "InvalidStateError");
    });
    const { put } = IDBObjectStore.prototype;
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, ...given) {
      const request = put.apply(this, given);
      control.abort();
      return request;
    });
    const failed = vi.fn((event: Event) => event.preventDefault());
    window.addEventListener("error", failed);
    onTestFinished(() => {
      window.removeEventListener("error", failed);
      vi.restoreAllMocks();
    });
    await storage.write(newToken, { signal: control.signal });
    expect(abort).toHaveBeenCalled();
    expect(failed).not.toHaveBeenCalled();
    expect(await storage.read()).toBe(newToken);
  });

  it("reports another application's database, and does not change it", async () => {
    const database = uniqueName();
    await takeOver(database);
    const storage = indexedDbTokenStorage({ database });
    expect((await failureOf(() => storage.read())).message).toContain("choose another name (NotFoundError)");
    expect((await failureOf(() => storage.write(newToken))).code).toBe("STORAGE_WRITE_FAILED");
  });

  it("times out after five seconds during a blocking upgrade, and works afterwards", async () => {
    const database = uniqueName();
    const storage = indexedDbTokenStorage({ database });
    await storage.write(newToken);
    const holder = indexedDB.open(database);
    await settled(holder);
    // Waits for the holder to close, and blocks everyone else.
    const upgrade = indexedDB.open(database, 7);
    const blocked = new Promise((resolve) => upgrade.addEventListener("blocked", resolve));
    await blocked;

    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const reading = failureOf(() => storage.read());
    const writing = failureOf(() => storage.write(rotatedToken));
    vi.advanceTimersByTime(5_000);
    const [read, write] = await Promise.all([reading, writing]);
    expect([read.code, write.code]).toEqual(["STORAGE_READ_FAILED", "STORAGE_WRITE_FAILED"]);
    expect(write.message).toContain("another tab may be upgrading or deleting it (TimeoutError)");

    holder.result.close();
    await settled(upgrade);
    upgrade.result.close();
    // An operation that timed out must not be carried out later.
    expect(await storage.read()).toBe(newToken);
  });

  it("times out when another tab's transaction blocks a write, and does not write it later", async () => {
    const database = uniqueName();
    const storage = indexedDbTokenStorage({ database });
    await storage.write(newToken);
    const holder = indexedDB.open(database);
    await settled(holder);
    const transaction = holder.result.transaction("tokens", "readwrite");
    const over = new Promise((resolve) => transaction.addEventListener("complete", resolve));
    let holding = true;
    const hold = () => {
      if (holding) transaction.objectStore("tokens").get("token").onsuccess = hold;
    };
    hold();

    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const writing = failureOf(() => storage.write(rotatedToken));
    // Once a connection requested later is open, so is this one.
    const later = indexedDB.open(database);
    await settled(later);
    later.result.close();
    vi.advanceTimersByTime(5_000);
    expect((await writing).message).toContain("(TimeoutError)");
    holding = false;
    await over;
    holder.result.close();
    expect(await storage.read()).toBe(newToken);
  });
});
