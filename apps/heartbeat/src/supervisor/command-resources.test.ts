import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, resolve } from "node:path";
import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { expect, it, onTestFinished } from "vitest";
import { CommandResources } from "./command-resources.ts";

const A = "https://a.example";
const B = "https://b.example";
const [TOKEN_A, TOKEN_B] = ["token-of-a-0123456789abcdef", "token-of-b-0123456789abcdef"];

const authAt = (platformUrl: string, token: string) =>
  createAuth({ storage: memoryTokenStorage(token), platformUrl });

it("gives the command no token of another platform than its own when the list moves the workspace", async () => {
  let auth = authAt(A, TOKEN_A);
  const resources = new CommandResources({
    env: {},
    workspace: { id: "agent-7", platformUrl: `${A}/` },
    tokenEnv: true,
    auth: () => auth,
    log: () => {},
  });
  onTestFinished(() => resources.close());
  await resources.open(null);
  const variables = async () => {
    const { PLATFORM_URL, MOLECULE_WORKSPACE_TOKEN, MOLECULE_WORKSPACE_TOKEN_FILE } =
      await resources.environment();
    const file = await readFile(String(MOLECULE_WORKSPACE_TOKEN_FILE), "utf8");
    return { PLATFORM_URL, MOLECULE_WORKSPACE_TOKEN, file };
  };
  const before = { PLATFORM_URL: `${A}/`, MOLECULE_WORKSPACE_TOKEN: TOKEN_A, file: TOKEN_A };
  expect(await variables()).toEqual(before);
  auth = authAt(B, TOKEN_B);
  resources.tokenChanged();
  expect(await variables()).toEqual(before);
  // Moved back, and rotated meanwhile.
  auth = authAt(A, `${TOKEN_A}-rotated`);
  expect(await variables()).toMatchObject({ MOLECULE_WORKSPACE_TOKEN: `${TOKEN_A}-rotated` });
});

it.each(["/no/such/directory", "relative"])("does without XDG_RUNTIME_DIR=%s", async (directory) => {
  const resources = new CommandResources({
    env: { XDG_RUNTIME_DIR: directory },
    workspace: { id: "agent-7", platformUrl: A },
    tokenEnv: false,
    auth: () => authAt(A, TOKEN_A),
    log: () => {},
  });
  onTestFinished(() => resources.close());
  expect(dirname(dirname(await resources.open(null)))).toBe(resolve(tmpdir()));
});
