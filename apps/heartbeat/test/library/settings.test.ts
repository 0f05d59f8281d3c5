import { isAuthError } from "@x/auth-core";
import { describe, expect, it } from "vitest";
import { startWorkspace } from "../../src/index.ts";
import { ATLAS } from "../ids.ts";
import { createLibraryScene } from "./scene.ts";

describe("invalid options", () => {
  it("are reported immediately, all of them in one error", () => {
    const options = { env: {}, intervalMs: 1, workspaceId: "Agent 7", onMesage() {}, thread: "yes" };
    let error: unknown;
    try {
      startWorkspace(Object(options));
    } catch (thrown) {
      error = thrown;
    }
    if (!isAuthError(error)) throw new Error("expected an AuthError");
    expect(error.code).toBe("OPTIONS_INVALID");
    expect(error.problems).toHaveLength(5);
    for (const name of ["platformUrl", "workspace id", "intervalMs", "onMesage", "thread"]) {
      expect(error.message).toContain(name);
    }
  });

  it("name the option whose value is not text", () => {
    const platformUrl = "https://platform.example";
    expect(() => startWorkspace(Object({ env: {}, workspaceId: 7, platformUrl }))).toThrow(
      /workspace id must/,
    );
    expect(() => startWorkspace(Object({ env: {}, workspaceId: ATLAS, platformUrl: 7 }))).toThrow(
      /platformUrl must be an http/,
    );
  });

  it("do not include a platform's URL that is a URL", async () => {
    const { emulator, startReady } = await createLibraryScene();
    const workspace = await startReady(Object({ platformUrl: new URL(emulator.url) }));
    expect(workspace.auth.platformOrigin()).toBe(emulator.url);
  });

  it.each([
    new AbortController(),
    { aborted: false, addEventListener() {} },
    { aborted: "no", addEventListener: 1, removeEventListener: 1 },
  ])("include what is no signal, before anything starts: %s", async (signal) => {
    const { emulator, start } = await createLibraryScene();
    expect(() => start(Object({ signal }))).toThrow(/signal must be an AbortSignal/);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(emulator.requests).toEqual([]);
  });

  it("include an agent card that JSON turns into something else", () => {
    const agentCard = Object(new Date());
    expect(() => startWorkspace({ env: {}, agentCard })).toThrow(/agentCard must be an object/);
  });

  it("do not include options that are null, as in JSON: they count as left out", async () => {
    const { startReady } = await createLibraryScene();
    const names = [
      "workspaceUrl",
      "agentCard",
      "inboxIntervalMs",
      "messageTimeoutMs",
      "wedgedAfterMs",
      "thread",
    ];
    const nulls = Object.fromEntries(
      [...names, "intervalMs", "onMessage", "onLog", "signal"].map((name) => [name, null]),
    );
    expect((await startReady(Object(nulls))).status().state).toBe("alive");
    const without = Object({ platformUrl: null, workspaceId: null, configsDir: null, env: null });
    expect(() => startWorkspace(without)).toThrow(/platformUrl is missing/);
  });

  it("do not include a CONFIGS_DIR that names no directory: a token in the environment needs none", async () => {
    const { emulator, startReady, codes } = await createLibraryScene();
    const env = { CONFIGS_DIR: "$HOME/agent", MOLECULE_WORKSPACE_TOKEN: emulator.issue(ATLAS) };
    const workspace = await startReady(Object({ configsDir: undefined, env }));
    expect(workspace.status().state).toBe("alive");
    expect(codes()).toContain("SOURCE_FAILED");
  });

  it("are not taken from a polluted prototype", async () => {
    const { emulator, configsDir } = await createLibraryScene();
    const options = Object.create({ platformUrl: emulator.url, workspaceId: ATLAS, configsDir });
    expect(() => startWorkspace(options)).toThrow(/PLATFORM_URL/);
    expect(emulator.requests).toEqual([]);
  });
});
