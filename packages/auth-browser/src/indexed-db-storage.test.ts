import { describeTokenStorage } from "@x/auth-testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { failureOf } from "../test/failures.ts";
import { issuedToken, ownPlace, rotatedToken } from "../test/tokens.ts";
import { indexedDbTokenStorage } from "./indexed-db-storage.ts";

function settled<T>(request: IDBOpenDBRequest | IDBRequest<T>): Promise<T | IDBDatabase> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Puts somebody else's database in the place of ours. */
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
    const database = ownPlace();
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
  it("keeps several tokens apart by key", async () => {
    const database = ownPlace();
    const [one, two] = ["one", "two"].map((key) => indexedDbTokenStorage({ database, key }));
    await one?.write(issuedToken);
    await two?.write(rotatedToken);
    expect(await one?.read()).toBe(issuedToken);
    expect(await two?.read()).toBe(rotatedToken);
  });

  it("needs no options", async () => {
    await indexedDbTokenStorage().write(issuedToken);
    expect(await indexedDbTokenStorage({ database: "workspace-auth", key: "token" }).read()).toBe(
      issuedToken,
    );
    expect(indexedDbTokenStorage().location).toBe('IndexedDB "workspace-auth", key "token"');
    await settled(indexedDB.deleteDatabase("workspace-auth"));
  });

  it("does not stand in the way of whoever deletes the database, nor of itself afterwards", async () => {
    const database = ownPlace();
    const storage = indexedDbTokenStorage({ database });
    await storage.write(issuedToken);
    await settled(indexedDB.deleteDatabase(database));
    expect(await storage.read()).toBeNull();
    await storage.write(rotatedToken);
    expect(await storage.read()).toBe(rotatedToken);
  });

  it("says that the database is somebody else's, and leaves it alone", async () => {
    const database = ownPlace();
    await takeOver(database);
    const storage = indexedDbTokenStorage({ database });
    expect((await failureOf(() => storage.read())).message).toContain("give another name (NotFoundError)");
    expect((await failureOf(() => storage.write(issuedToken))).code).toBe("STORAGE_WRITE_FAILED");
  });

  it("gives up after five seconds when an upgrade blocks the database, and works when it is over", async () => {
    const database = ownPlace();
    const storage = indexedDbTokenStorage({ database });
    await storage.write(issuedToken);
    const holder = indexedDB.open(database);
    await settled(holder);
    // Waits for the holder to close, and everybody else waits behind it.
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
    // What was given up must not happen later.
    expect(await storage.read()).toBe(issuedToken);
  });

  it("gives up a write that another tab's transaction holds up, and does not write it later", async () => {
    const database = ownPlace();
    const storage = indexedDbTokenStorage({ database });
    await storage.write(issuedToken);
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
    // Its connection is open when another one, asked for later, is.
    const later = indexedDB.open(database);
    await settled(later);
    later.result.close();
    vi.advanceTimersByTime(5_000);
    expect((await writing).message).toContain("(TimeoutError)");
    holding = false;
    await over;
    holder.result.close();
    expect(await storage.read()).toBe(issuedToken);
  });
});
