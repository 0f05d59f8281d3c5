import fs from "node:fs";
import { join } from "node:path";
import { createAuth, memoryTokenStorage } from "@x/auth-core";
import fc from "fast-check";
import { systemClock } from "../../../../../apps/heartbeat/src/clock.ts";
import { DEFAULT_TIMING } from "../../../../../apps/heartbeat/src/config/timing.ts";
import { logMessage } from "../../../../../apps/heartbeat/src/observability/log-messages.ts";
import type { PlatformClient } from "../../../../../apps/heartbeat/src/transport/client.ts";
import { createWorkspaceAgent, type Step } from "../../../../../apps/heartbeat/src/workspace/agent.ts";
import { answers, SENT_TOKEN, WORKSPACE } from "../inputs/answers.ts";
import { openRawPlatform } from "../platform/raw-platform.ts";
import { tokenIn } from "../rules.ts";
import { runnerClients } from "../wire/runner-clients.ts";
import { type CheckResult, type FuzzTarget, openFuzzTarget } from "./fuzz-target.ts";

const STEPS = 3;
const MAX_WHY_LENGTH = 400;
const MAX_LINE_LENGTH = 1_000;
const MAX_WAIT_MS = 3_600_000;

/** All that a platform can answer to what the runner asks it. */
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
    const clients = await runnerClients(platform.origin);
    const resultsPath = join(directory, "results.jsonl");
    const target = openFuzzTarget(fc.array(answers, { minLength: 1, maxLength: 6 }), {
      async check(given) {
        script = given;
        next = 0;
        heads = [];
        const client = clients[given.length % clients.length];
        if (client === undefined) throw new Error("There is no client.");
        const result = await live(client, platform.origin, resultsPath);
        if (typeof result === "object") return result;
        if (heads.some((head) => !/^[\x20-\x7e\r\n]*$/.test(head)))
          return { bad: "sent something that is no head" };
        return result;
      },
    });
    return {
      ...target,
      async close() {
        await Promise.all(clients.map((client) => client.close()));
        platform.close();
      },
    };
  },
};

/** Registers and sends heartbeats, with all that comes with them, and checks what became of the agent. */
async function live(client: PlatformClient, origin: string, resultsPath: string): Promise<CheckResult> {
  fs.rmSync(resultsPath, { force: true });
  const lines: string[] = [];
  const auth = createAuth({ storage: memoryTokenStorage(SENT_TOKEN), env: { PLATFORM_URL: origin } });
  const agent = createWorkspaceAgent({
    workspaceId: WORKSPACE,
    auth,
    openInboundSecret: () => memoryTokenStorage(),
    resultsPath,
    client,
    card: {},
    timing: DEFAULT_TIMING,
    clock: systemClock(),
    random: () => 0.5,
    emit: (event) => void lines.push(logMessage(event).text),
  });
  let accepted = 0;
  for (let count = 0; count < STEPS; count += 1) {
    const step = await agent.step();
    await step.afterwards;
    const wrong = wrongWithStep(step);
    if (wrong !== null) return { bad: wrong };
    if (step.outcome.kind === "accepted") accepted += 1;
  }
  const { platformStatus } = agent.status();
  const wrong =
    lines.map(wrongWithText).find((problem) => problem !== null) ?? wrongWithText(platformStatus ?? "");
  if (typeof wrong === "string") return { bad: wrong };
  if (tokenIn(await auth.getToken()) === null) return { bad: "holds no token any more" };
  if (!holdsRows(resultsPath)) return { bad: "wrote something else than rows" };
  return accepted > 0 ? "accepted" : "rejected";
}

function wrongWithStep({ outcome, wait }: Step): string | null {
  if (wait !== "interval" && !(wait >= 0 && wait <= MAX_WAIT_MS)) return `waits ${wait}`;
  if (outcome.kind === "accepted") return null;
  return outcome.why.length > MAX_WHY_LENGTH ? "a reason without end" : wrongWithText(outcome.why);
}

function wrongWithText(text: string): string | null {
  if (text.length > MAX_LINE_LENGTH) return "a line without end";
  if (text.includes(SENT_TOKEN.slice(0, 12))) return "a line with the token";
  return /[\p{Cc}\u2028\u2029]/u.test(text) ? "a line that talks to the terminal" : null;
}

/** Each line of the file is JSON of its own, and no more of them than an answer has. */
function holdsRows(path: string): boolean {
  if (!fs.existsSync(path)) return true;
  return fs
    .readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .every((line) => typeof JSON.parse(line) === "object");
}
