import { createAuth, memoryTokenStorage, type TokenStorage } from "@x/auth-core";
import { expect, it, vi } from "vitest";
import { Credentials } from "./credentials.ts";

const ref = { platformOrigin: "https://platform.example", workspaceId: "workspace" };
const token = "a-token-that-is-issued-once";

/** A workspace that receives a token for a store on another machine. */
function receive(own: TokenStorage, disk: TokenStorage) {
  const store = { token: () => own, inboundSecret: () => own, spill: () => disk, spillsAtOnce: true };
  const auth = createAuth({ storage: own, platformUrl: ref.platformOrigin, env: {} });
  const credentials = new Credentials({ auth, ref, environment: { store }, emit() {} });
  const stored = credentials.receive({ ...ref, token, sentWith: null, route: "register" });
  return { credentials, stored };
}

/** A storage whose writes hang until they are released. */
function hanging() {
  const storage = memoryTokenStorage();
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const write = (text: string) => released.then(() => storage.write(text));
  const replace = (_: string | null, text: string) => write(text).then(() => true);
  return { storage: { ...storage, write, replace }, release };
}

it("stores a token although the local disk hangs, and then removes the copy", async () => {
  const own = memoryTokenStorage();
  const disk = hanging();
  const { credentials, stored } = receive(own, disk.storage);
  await vi.waitFor(async () => expect(await own.read()).toBe(token));
  expect(credentials.unsavedToken()).toBeNull();
  disk.release();
  await stored;
  expect(await disk.storage.read()).toBeNull();
});

it("spills a token although the store hangs", async () => {
  const store = hanging();
  const disk = memoryTokenStorage();
  const { credentials, stored } = receive(store.storage, disk);
  await vi.waitFor(() => expect(credentials.isUnsaved()).toBe(false));
  expect(await disk.read()).toBe(token);
  store.release();
  await stored;
  expect([await store.storage.read(), await disk.read()]).toEqual([token, null]);
});
