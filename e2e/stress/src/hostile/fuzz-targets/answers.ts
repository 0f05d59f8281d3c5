import fs from "node:fs";
import { join } from "node:path";
import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { createPlatformClients, type Transport } from "@x/platform-client";
import fc from "fast-check";
import { systemClock } from "../../../../../apps/heartbeat/src/clock.ts";
import { DEFAULT_TIMING } from "../../../../../apps/heartbeat/src/config/timing.ts";
import { logMessage } from "../../../../../apps/heartbeat/src/observability/log-messages.ts";
import { createFileStore } from "../../../../../apps/heartbeat/src/storage/file-store.ts";
import { RESULTS_FILE } from "../../../../../apps/heartbeat/src/storage/locations.ts";
import type { WorkspaceStore } from "../../../../../apps/heartbeat/src/storage/workspace-store.ts";
import { WorkspaceAgent } from "../../../../../apps/heartbeat/src/workspace/agent.ts";
import type { Step } from "../../../../../apps/heartbeat/src/workspace/agent-options.ts";
import { answers, SENT_TOKEN, WORKSPACE } from "../inputs/answers.ts";
import { openRawPlatform } from "../platform/raw-platform.ts";
import { tokenIn } from "../rules.ts";
import { closeAll, runnerConnections } from "../wire/runner-connections.ts";
import { type CheckResult, type FuzzTarget, openFuzzTarget } from "./fuzz-target.ts";

const STEPS = 3;
const MAX_MESSAGE_LENGTH = 200;
const MAX_LINE_LENGTH = 1_000;
const MAX_WAIT_MS = 3_600_000;

/** Arbitrary answers of a platform to the runner's requests. */
export const platformAnswers: FuzzTarget = {
  id: "answers",
  what: "answers of the platform (status, headers, bodies)",
  share: 20_000,
  atOnce: 1,
  async open({ directory }) {
    let script: readonly Buffer[] = [];
    let next = 0;
    let heads: string[] = [];
    const platform = await openRawPlatform(({ head }, socket) => {
      heads.push(head);
      socket.end(script[next % script.length] ?? "");
      next += 1;
    });
    const connections = await runnerConnections(platform.origin);
    const files = createFileStore({ configsDir: directory, env: {}, layout: "single", onEvent() {} });
    const target = openFuzzTarget(fc.array(answers, { minLength: 1, maxLength: 6 }), {
      async check(given) {
        script = given;
        next = 0;
        heads = [];
        const connection = connections[given.length % connections.length];
        if (connection === undefined) throw new Error("There is no connection.");
        const result = await live(connection, platform.origin, { files, directory });
        if (typeof result === "object") return result;
        if (heads.some((head) => !/^[\x20-\x7e\r\n]*$/.test(head)))
          return { bad: "sent an invalid request head" };
        return result;
      },
    });
    return {
      ...target,
      async close() {
        await Promise.all([files.close(), closeAll(connections)]);
        platform.close();
      },
    };
  },
};

interface Disk {
  readonly files: WorkspaceStore;
  readonly directory: string;
}

/** Registers and sends heartbeats, with all related requests, and checks the agent's state. */
async function live(transport: Transport, origin: string, { files, directory }: Disk): Promise<CheckResult> {
  const resultsPath = join(directory, RESULTS_FILE);
  fs.rmSync(resultsPath, { force: true });
  const lines: string[] = [];
  const clock = systemClock();
  const storage = memoryTokenStorage(SENT_TOKEN);
  const spill = memoryTokenStorage();
  const auth = createAuth({ storage, platformUrl: origin, fallback: [] });
  const store: WorkspaceStore = {
    ...files,
    token: () => storage,
    inboundSecret: () => memoryTokenStorage(),
    spill: () => spill,
    rotation: () => memoryTokenStorage(),
  };
  const agent = new WorkspaceAgent({
    environment: {
      store,
      timing: DEFAULT_TIMING,
      clock,
      random: () => 0.5,
      inbox: null,
      onEvent: (_id, event) => void lines.push(logMessage(event).text),
    },
    ref: { platformOrigin: origin, workspaceId: WORKSPACE },
    auth,
    createClient: createPlatformClients({ platformUrl: origin, transport, clock }),
    card: { name: WORKSPACE },
    begin: "register",
    hasSpilledToken: false,
    unsavedToken: null,
  });
  const { signal } = new AbortController();
  let accepted = 0;
  for (let count = 0; count < STEPS; count += 1) {
    const step = await agent.step(signal);
    if (step.isAlive) for (const job of agent.jobs) await agent.runJob(job, signal);
    const wrong = wrongWithStep(step);
    if (wrong !== null) return { bad: wrong };
    if (step.outcome.kind === "accepted") accepted += 1;
  }
  const { platformStatus } = agent.status();
  const wrong =
    lines.map(wrongWithText).find((problem) => problem !== null) ?? wrongWithText(platformStatus ?? "");
  if (typeof wrong === "string") return { bad: wrong };
  if (tokenIn(await auth.getToken()) === null) return { bad: "lost the token" };
  if (!holdsRows(resultsPath)) return { bad: "wrote invalid rows" };
  return accepted > 0 ? "accepted" : "rejected";
}

function wrongWithStep({ outcome, wait }: Step): string | null {
  if (wait !== "interval" && !(wait >= 0 && wait <= MAX_WAIT_MS)) return `waits ${wait}`;
  if (outcome.kind === "accepted") return null;
  const { message } = outcome;
  return message.length > MAX_MESSAGE_LENGTH ? "an overlong reason" : wrongWithText(message);
}

function wrongWithText(text: string): string | null {
  if (text.length > MAX_LINE_LENGTH) return "an overlong line";
  if (text.includes(SENT_TOKEN.slice(0, 12))) return "a line with the token";
  return /[\p{Cc}\u2028\u2029]/u.test(text) ? "a line with control characters" : null;
}

/** Each line of the file is separate JSON, and there are no more lines than an answer can have. */
function holdsRows(path: string): boolean {
  if (!fs.existsSync(path)) return true;
  return fs
    .readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .every((line) => typeof JSON.parse(line) === "object");
}
