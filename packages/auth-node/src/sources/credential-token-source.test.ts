import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { credentialTokenSource } from "./credential-token-source.ts";

const TOKEN = "the-token-of-a-systemd-credential";

function credentials(): string {
  const path = mkdtempSync(join(tmpdir(), "credentials-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  // As systemd creates it: readable only by the service's user.
  writeFileSync(join(path, "workspace-token"), `${TOKEN}\n`, { mode: 0o400 });
  return path;
}

it("reads the service's credential", async () => {
  const env = { CREDENTIALS_DIRECTORY: credentials() };
  const source = credentialTokenSource("workspace-token", { env });
  expect(await source.read()).toBe(TOKEN);
  expect(source.location).toBe("the credential workspace-token");
});

it("returns null outside a service", async () => {
  expect(await credentialTokenSource("workspace-token", { env: {} }).read()).toBeNull();
  const inherited = Object.create({ CREDENTIALS_DIRECTORY: credentials() });
  expect(await credentialTokenSource("workspace-token", { env: inherited }).read()).toBeNull();
});

it("rejects with the path if the service has no such credential", async () => {
  const directory = credentials();
  const source = credentialTokenSource("other", { env: { CREDENTIALS_DIRECTORY: directory } });
  await expect(source.read()).rejects.toMatchObject({
    code: "STORAGE_READ_FAILED",
    message: expect.stringContaining(join(directory, "other")),
  });
});

it.each(["", ".", "..", "../token", "a/b", "/etc/token"])("%j is not a credential's name", (name) => {
  expect(() => credentialTokenSource(name)).toThrow("must be a file name");
});
