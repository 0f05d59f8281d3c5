import { getEventListeners } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { inspect } from "node:util";
import { createAuthFetch } from "@x/auth-core";
import { describe, expect, it, onTestFinished } from "vitest";
import type { MessageHandler } from "../../src/index.ts";
import { ATLAS } from "../ids.ts";
import { askAs } from "../support/clients.ts";
import { createLibraryScene, heartbeatsOf } from "./scene.ts";

const soon = { timeout: 15_000 };

describe.each([{ thread: false }, { thread: true }])("a workspace of this process, %j", ({ thread }) => {
  it("is registered when ready, stores its token, and signs this process's requests with it", async () => {
    const { emulator, file, start } = await createLibraryScene();
    const workspace = start({ thread });
    expect(workspace.status()).toMatchObject({ state: "registering", lastHeartbeatAt: null });
    await workspace.ready;
    expect(workspace.status()).toMatchObject({ state: "alive", failure: null, isTokenUnsaved: false });
    expect(emulator.workspaces()).toMatchObject([{ id: ATLAS, status: "online" }]);
    expect(await workspace.auth.getToken()).toBe(await readFile(file, "utf8"));
    const answer = await createAuthFetch(workspace.auth)(`/workspaces/${ATLAS}/state`);
    expect(answer.status).toBe(200);
  });

  it("sends nothing for an environment variable without a value", async () => {
    const { emulator, startReady } = await createLibraryScene();
    const env = { MOLECULE_WORKSPACE_TOKEN: undefined, MOLECULE_ORG_ID: undefined };
    await startReady({ thread, env });
    for (const { headers } of emulator.requests) {
      expect(headers["x-molecule-org-id"]).toBeUndefined();
      expect(headers.authorization ?? "").not.toContain("undefined");
    }
  });

  it("survives a rotation, in its heartbeats and in this process's requests", async () => {
    const { emulator, file, startReady } = await createLibraryScene();
    const workspace = await startReady({ thread });
    await expect.poll(() => heartbeatsOf(emulator).length, soon).toBe(1);
    const platform = createAuthFetch(workspace.auth);
    expect((await platform(`/workspaces/${ATLAS}/state`)).status).toBe(200);
    await writeFile(file, emulator.rotate(ATLAS));
    expect((await platform(`/workspaces/${ATLAS}/state`)).status).toBe(200);
    const accepted = () => heartbeatsOf(emulator).filter(({ status }) => status === 200);
    await expect.poll(() => accepted().length, soon).toBe(2);
    const rejected = heartbeatsOf(emulator).filter(({ status }) => status !== 200);
    // In this thread, the heartbeats already use the token that this process's own request has found.
    expect(rejected.length).toBeLessThanOrEqual(thread ? 1 : 0);
  });

  it("sends and stores nothing once stop() has settled, even if called repeatedly", async () => {
    const { emulator, startReady } = await createLibraryScene();
    const workspace = await startReady({ thread });
    await Promise.all([workspace.stop(), workspace.stop()]);
    await workspace.stop();
    expect(workspace.status().state).toBe("stopped");
    const count = emulator.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(emulator.requests).toHaveLength(count);
  });

  it("is stopped by `await using`, and by a signal", async () => {
    const { emulator, start, startReady } = await createLibraryScene();
    const stopping = new AbortController();
    const seen: ReturnType<typeof start>[] = [];
    {
      await using workspace = await startReady({ thread, signal: stopping.signal });
      seen.push(workspace);
    }
    expect(seen[0]?.status().state).toBe("stopped");
    expect(getEventListeners(stopping.signal, "abort")).toStrictEqual([]);
    const second = await startReady({ thread, signal: stopping.signal });
    stopping.abort();
    await expect.poll(() => second.status().state, soon).toBe("stopped");
    const count = emulator.requests.length;
    expect(await start({ thread, signal: stopping.signal }).ready.catch(({ name }) => name)).toBe(
      "AbortError",
    );
    expect(emulator.requests).toHaveLength(count);
  });

  it("ignores a log listener that fails, also asynchronously", async () => {
    const { startReady } = await createLibraryScene();
    const unhandled: unknown[] = [];
    const hear = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", hear);
    onTestFinished(() => void process.off("unhandledRejection", hear));
    const workspace = await startReady({
      thread,
      onLog: () => Promise.reject(new Error("the listener's own")),
    });
    await workspace.stop();
    expect(unhandled).toEqual([]);
  });

  it("handles messages here, and sends what the handler returns", async () => {
    const { emulator, start, codes } = await createLibraryScene();
    const handled: unknown[] = [];
    const workspace = start({
      thread,
      inboxIntervalMs: 1_000,
      onMessage({ text, from }, { signal, log }) {
        handled.push([text, from.kind, signal.aborted]);
        log("handling it");
        if (text === "fail") throw new Error("no such thing");
        return `You said: ${text}`;
      },
    });
    await workspace.ready;
    await askAs(emulator, ATLAS, "hello");
    const said = () =>
      emulator.requests.filter(({ path }) => path.endsWith("/notify")).map(({ body }) => body);
    await expect.poll(said, soon).toEqual([{ message: "You said: hello" }]);
    expect(handled).toEqual([["hello", "user", false]]);
    await askAs(emulator, ATLAS, "fail");
    await expect.poll(codes, soon).toContain("HANDLER_FAILED");
    expect(codes()).toEqual(expect.arrayContaining(["HANDLER_OUTPUT", "MESSAGE_ANSWERED"]));
  });

  it("sends no answer over 1 MiB, and logs whatever its handler logs", async () => {
    const { emulator, log, startReady } = await createLibraryScene();
    const onMessage: MessageHandler = (_, options) => {
      for (const words of [new Error("half way"), Object.create(null)]) options.log(Object(words));
      return "é".repeat(600_000);
    };
    await startReady({ thread, inboxIntervalMs: 1_000, onMessage });
    await askAs(emulator, ATLAS, "hello");
    const text = () => log.map((entry) => entry.text).join("\n");
    await expect.poll(text, soon).toContain("it returned more than 1024 KiB");
    expect(text()).toMatch(/handler: half way\n.*handler: something that has no text/);
  });

  it("survives a handler that throws something without a text", async () => {
    const { emulator, log, startReady } = await createLibraryScene();
    const onMessage = () => {
      throw Object.create(null);
    };
    await startReady({ thread, inboxIntervalMs: 1_000, onMessage });
    await askAs(emulator, ATLAS, "hello");
    const failure = () => log.find(({ code }) => code === "HANDLER_FAILED")?.text;
    await expect.poll(failure, soon).toContain("it threw a value that has no message");
  });

  it("rejects `ready` when its token is rejected, and recovers when the right one is stored", async () => {
    const { emulator, file, start, log } = await createLibraryScene();
    const token = emulator.create(ATLAS);
    const wrong = `wrong-${token}`;
    await writeFile(file, wrong);
    const workspace = start({ thread });
    await expect(workspace.ready).rejects.toMatchObject({ code: "TOKEN_REJECTED" });
    await writeFile(file, token);
    await expect.poll(() => workspace.status().state, soon).toBe("alive");
    await workspace.stop();
    for (const shown of [log, workspace, workspace.status(), await workspace.ready.catch((error) => error)]) {
      expect(inspect(shown, { depth: 10 }) + JSON.stringify(shown)).not.toContain(token);
    }
  });

  it("logs that a token is lost, also if a signal stops it", async () => {
    const { emulator, configsDir, codes, startReady } = await createLibraryScene();
    const stopping = new AbortController();
    const workspace = await startReady({ thread, signal: stopping.signal });
    await expect.poll(() => heartbeatsOf(emulator).length, soon).toBe(1);
    await rm(configsDir, { recursive: true });
    await writeFile(configsDir, "in the way");
    emulator.pushToken(ATLAS);
    await expect.poll(() => workspace.status().isTokenUnsaved, soon).toBe(true);
    stopping.abort();
    await expect(workspace.stop()).rejects.toMatchObject({ code: "STORAGE_WRITE_FAILED" });
    expect(codes().at(-1)).toBe("TOKEN_LOST");
  });

  it("rejects `ready` when the platform has removed it", async () => {
    const { emulator, start } = await createLibraryScene();
    emulator.create(ATLAS);
    emulator.remove(ATLAS);
    const workspace = start({ thread });
    await expect(workspace.ready).rejects.toMatchObject({ code: "WORKSPACE_REMOVED" });
    expect(workspace.status().state).toBe("removed");
  });
});
