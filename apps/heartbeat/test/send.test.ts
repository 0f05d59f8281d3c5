import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { A, B } from "./ids.ts";
import { outcome, outcomeOf } from "./processes.ts";
import { temporaryDirectory } from "./support/directory.ts";
import { startPlatform } from "./support/platform.ts";

const A2A = { paths: [`/workspaces/${B}/a2a`] };

async function start() {
  const emulator = await startPlatform();
  const env = {
    PLATFORM_URL: emulator.url,
    WORKSPACE_ID: A,
    MOLECULE_WORKSPACE_TOKEN: emulator.issue(A),
    CONFIGS_DIR: join(temporaryDirectory(), "nothing-is-here"),
  };
  emulator.create(B, { parentId: A });
  const sendTo = (to: string, text: string, ...args: readonly string[]) =>
    outcomeOf(["send", to, text, ...args], env);
  const send = (...args: readonly string[]) => sendTo(B, "hello", ...args);
  const sent = () => emulator.requests.filter(({ path }) => path.endsWith("/a2a"));
  /** Ids of the messages that reached the platform. */
  const ids = () =>
    sent().flatMap(
      ({ body }) =>
        (body as { params: { message: { messageId: string } } } | undefined)?.params.message.messageId ?? [],
    );
  return { emulator, send, sendTo, sent, ids };
}

const answers = (status: number, body: object, forRequests = 1) =>
  [{ kind: "status", status, body: JSON.stringify(body) } as const, { ...A2A, forRequests }] as const;

describe("what a platform says of other tokens", () => {
  const own = "tok-s3cr3t-its-own-0123456789abcdefghi";
  const [listed, inFile] = ["tok-s3cr3t-of-the-list-0123456789abc", "tok-s3cr3t-in-a-file-0123456789abcdef"];
  const echo = { error: `no ${listed}, nor ${inFile}` };

  it.each(["send", "doctor", "rotate"])("is not printed by heartbeat %s", async (command) => {
    const emulator = await startPlatform();
    const directory = temporaryDirectory();
    const file = join(directory, "token");
    await writeFile(file, inFile, { mode: 0o600 });
    emulator.outage({ kind: "status", status: 422, body: JSON.stringify(echo) });
    const env = { PLATFORM_URL: emulator.url, CONFIGS_DIR: join(directory, "nothing-is-here") };
    const run = async (args: readonly string[], more: Record<string, string>) => {
      const words = command === "send" ? [B, "hello"] : [];
      return (await outcomeOf([command, ...args, ...words], { ...env, ...more })).output;
    };
    const list = JSON.stringify([
      { id: A, token: own },
      { id: B, token: listed },
    ]);
    const ofList = await run(["--workspace-id", A], { MOLECULE_WORKSPACES: list });
    expect(ofList).toMatch(/tok-… \(\d+ characters\)/);
    expect(ofList).not.toContain(listed);
    const ofFile = await run([], {
      WORKSPACE_ID: A,
      MOLECULE_WORKSPACE_TOKEN: own,
      MOLECULE_WORKSPACE_TOKEN_FILE: file,
    });
    expect(ofFile).toMatch(/tok-… \(\d+ characters\)/);
    expect(ofFile).not.toContain(inFile);
  });
});

describe("heartbeat send says what happened", () => {
  it.each([
    [
      "a polling receiver",
      200,
      { status: "queued", delivery_mode: "poll", method: "message/send" },
      0,
      "with its next poll",
    ],
    ["a busy one", 202, { queued: true, queue_id: "q" }, 0, "queued by the platform until"],
    ["one that answers", 200, { jsonrpc: "2.0", result: { kind: "message" } }, 0, "delivered to"],
    [
      "one that answers with an error",
      200,
      { jsonrpc: "2.0", error: { code: -32_000, message: "no" } },
      7,
      "answered with an error: 200 no",
    ],
    [
      "one that is starting",
      503,
      { waking: true, retry_after: 3 },
      1,
      "503 the receiver is being started; sending it again is safe in 3 s; --wait",
    ],
    [
      "one whose agent requires other credentials",
      401,
      { error: "who are you" },
      1,
      "the agent behind the receiver",
    ],
    ["one without a URL", 503, { error: "workspace has no URL" }, 1, "sending it again is safe"],
    [
      "one that must not be written to",
      403,
      { error: "access denied: workspaces cannot communicate per hierarchy rules" },
      1,
      "an operator can set the parent",
    ],
    [
      "one that is busy without details",
      503,
      { busy: true },
      6,
      "it may have arrived: 503 the receiver is busy",
    ],
    ["a platform that fails", 500, { error: "internal" }, 6, "it may have arrived"],
  ])("to %s", async (_who, status, body, code, text) => {
    const { emulator, send } = await start();
    emulator.outage(...answers(status, body));
    const sent = await send();
    expect(sent.output).toContain(text);
    expect(sent.code, sent.output).toBe(code);
  });

  it("and advises to repeat it only if that may help", async () => {
    const { emulator, send } = await start();
    emulator.outage(
      ...answers(403, { error: "access denied: workspaces cannot communicate per hierarchy rules" }),
    );
    expect((await send()).output).not.toContain("again");
  });

  it("as its workspace, and by its exit code", async () => {
    const { sendTo, sent } = await start();
    const queued = await sendTo(B, "hello");
    expect(queued).toEqual(outcome(0, B));
    expect(sent()).toMatchObject([
      {
        path: `/workspaces/${B}/a2a`,
        headers: { "x-workspace-id": A, authorization: { scheme: "Bearer" } },
        body: { method: "message/send", params: { message: { parts: [{ text: "hello" }] } } },
      },
    ]);
    const unknown = await sendTo("nobody", "hello");
    expect(unknown).toEqual(outcome(1, "not delivered: 403 "));
    expect((await sendTo("No Body", "hello")).code).toBe(2);
  });

  it("and prints the message id, so that a repetition is safe", async () => {
    const { emulator, send, ids } = await start();
    emulator.outage({ kind: "lose-response" }, { ...A2A, forRequests: 1 });
    const first = await send();
    expect(first.code).toBe(6);
    const [, id = ""] = /--message-id (\S+):/.exec(first.output) ?? [];
    expect((await send("--message-id", id)).code).toBe(0);
    expect(new Set(ids())).toEqual(new Set([id]));
    expect((await send("--message-id", "two words")).code).toBe(2);
  });

  it("and sends nothing when there is no text", async () => {
    const { sendTo, sent } = await start();
    expect(await sendTo(B, " ")).toEqual(outcome(2, "the message is empty"));
    expect(sent()).toEqual([]);
  });

  it("with --wait repeats the same message after the pause that the receiver asks for", async () => {
    const { emulator, send, sent } = await start();
    emulator.outage(...answers(503, { waking: true, retry_after: 1 }, 2));
    const started = performance.now();
    const { code, output } = await send("--wait", "--message-id", "m-1");
    expect(code, output).toBe(0);
    expect(performance.now() - started).toBeGreaterThan(2_000);
    expect(sent()).toHaveLength(3);
  });

  it("with --wait never repeats a message that may have arrived", async () => {
    const { emulator, send, sent } = await start();
    emulator.outage(...answers(503, { busy: true }));
    expect((await send("--wait")).code).toBe(6);
    expect(sent()).toHaveLength(1);
  });
});
