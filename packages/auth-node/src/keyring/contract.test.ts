import { randomUUID } from "node:crypto";
import { describeTokenStorage } from "@x/auth-testing";
import { afterAll, describe, it } from "vitest";
import { fileKeychain, type Keychain, startGnomeKeyring } from "../../test/keychains.ts";
import { keyringTokenStorage } from "./keyring-token-storage.ts";

const platformUrl = "https://platform.example";
const open = (keychain: Keychain, workspaceId: string) => () =>
  keyringTokenStorage({ ...keychain, platformUrl, workspaceId });

describeTokenStorage(
  "the keychain storage over a module with the same interface",
  () => {
    const { fail, ...keychain } = fileKeychain();
    const reopen = open(keychain, randomUUID());
    return { storage: reopen(), reopen, failReads: () => fail("reads"), failWrites: () => fail("writes") };
  },
  { describe, it },
);

// If installed.
const gnome = await startGnomeKeyring();
if (gnome !== null) {
  afterAll(() => gnome.stop());
  describeTokenStorage(
    "the keychain storage over GNOME Keyring",
    () => {
      const reopen = open(gnome, randomUUID());
      return { storage: reopen(), reopen };
    },
    { describe, it },
  );
}
