import { writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Emulator } from "@x/emulator";
import type { SimulatedAgent } from "./simulated-agent.ts";
import type { Story } from "./story.ts";

export interface Stage {
  readonly emulator: Emulator;
  readonly agents: readonly [SimulatedAgent, SimulatedAgent, SimulatedAgent];
  readonly story: Story;
}

const statusOf = ({ emulator }: Stage, id: string) =>
  emulator.workspaces().find((view) => view.id === id)?.status;
const requestsOf = ({ emulator }: Stage, id: string) => emulator.requests.filter((r) => r.workspaceId === id);

export async function registration(stage: Stage): Promise<void> {
  const { agents, story } = stage;
  const [atlas, birch, comet] = agents;
  story.chapter("1. Three workspaces register. Two receive a token, once, and keep it in a file");
  for (const agent of agents) agent.start();
  for (const agent of [atlas, birch]) {
    await story.expect(`${agent.name} is registered, and its token is stored`, () =>
      agent.saw("token-saved"),
    );
  }
  await story.expect(
    `${comet.name}, which an operator created, is registered with the token that it was given`,
    () => comet.saw("registered") && !comet.saw("token-received"),
  );
  for (const agent of agents) {
    const mode = await agent.fileMode().catch(() => "missing");
    await story.expect(`${agent.file} has mode 0600`, () => mode === "0600", 0);
  }
}

export async function heartbeats(stage: Stage): Promise<void> {
  const { agents, story } = stage;
  story.chapter("2. They send a heartbeat every 30 s, and are online");
  for (const agent of agents) {
    await story.expect(
      `${agent.name} sent three heartbeats and is online`,
      () => agent.saw("heartbeat", 3) && statusOf(stage, agent.id) === "online",
    );
  }
}

/** What atlas runs for each message: the message is JSON on standard input, and the output is the answer. */
export const ON_MESSAGE = String.raw`sed -n 's/.*"text":"\([^"]*\)".*/atlas has read: \1/p'`;

export async function message(stage: Stage): Promise<void> {
  const { emulator, story } = stage;
  const [agent] = stage.agents;
  story.chapter(`3. A person writes to ${agent.name}, which runs: heartbeat run --on-message "…"`);
  const text = "are you there?";
  const params = { message: { role: "user", parts: [{ kind: "text", text }] } };
  await fetch(`${emulator.url}/workspaces/${agent.id}/a2a`, {
    method: "POST",
    headers: { Authorization: "Bearer local-admin", "Content-Type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", method: "message/send", params }),
  });
  const said = () =>
    requestsOf(stage, agent.id).filter(({ path, status }) => path.endsWith("/notify") && status === 200);
  await story.expect(`${agent.name} fetched the message, and the person has its answer`, () =>
    said().some(({ body }) => JSON.stringify(body).includes(`atlas has read: ${text}`)),
  );
  await story.expect(`${agent.name} does not answer its own message`, () => said().length === 1, 0);
}

export async function rotation(stage: Stage): Promise<void> {
  const { emulator, story } = stage;
  const [agent] = stage.agents;
  story.chapter(
    `4. The platform rotates ${agent.name}'s token: the old one is revoked, then the file is rewritten`,
  );
  const token = emulator.rotate(agent.id);
  const before = requestsOf(stage, agent.id).length;
  // In place and a moment later, as the platform's provisioner does.
  await delay(20);
  await writeFile(agent.file, token);
  const since = () => requestsOf(stage, agent.id).slice(before);
  await story.expect(`${agent.name} gets a 401`, () => since().some(({ status }) => status === 401));
  await story.expect(`${agent.name} took the new token from its file, and is accepted`, () =>
    since().some(
      ({ status }, index, all) => status === 200 && all.slice(0, index).some((r) => r.status === 401),
    ),
  );
}

export async function rotateCommand(stage: Stage, stop: AbortSignal): Promise<void> {
  const { agents, story } = stage;
  const agent = agents[2];
  story.chapter(`5. heartbeat rotate: ${agent.name} replaces its token itself, between two heartbeats`);
  const sent = agent.events.filter(({ type }) => type === "heartbeat").length;
  await story.expect(`${agent.name} sends heartbeats`, () => agent.saw("heartbeat", sent + 1));
  const before = requestsOf(stage, agent.id).length;
  const line = await agent.rotate(stop);
  story.print(`  ${agent.name}: ${line}`);
  // A heartbeat that comes before the new token is stored is rejected, too: the last one counts.
  const isRepeated = () => {
    const since = requestsOf(stage, agent.id).slice(before);
    const at = since.map(({ status }) => status).lastIndexOf(401);
    return at >= 0 && since.slice(at + 1).find(({ path }) => path === since[at]?.path)?.status === 200;
  };
  await story.expect(
    `${agent.name}'s request with the old token was rejected, and repeated at once with the new one`,
    isRepeated,
  );
}

export async function restart(stage: Stage): Promise<void> {
  const { emulator, story } = stage;
  const agent = stage.agents[1];
  story.chapter(`6. ${agent.name} is stopped and started again`);
  await agent.stop();
  const before = requestsOf(stage, agent.id).length;
  agent.start();
  await story.expect(`${agent.name}'s first request carries the stored token`, () => {
    const first = requestsOf(stage, agent.id)[before];
    return first !== undefined && "authorization" in first.headers && agent.saw("registered");
  });
  await story.expect(`${agent.name} sends heartbeats again, and no new token was issued`, () => {
    return agent.saw("heartbeat") && !agent.saw("token-received") && emulator.workspaces().length === 3;
  });
}

export async function outage(stage: Stage): Promise<void> {
  const { emulator, agents, story } = stage;
  story.chapter("7. The platform goes down for a while, and comes back");
  await emulator.outage({ kind: "refuse" });
  const down = agents.map(({ events }) => events.length);
  for (const [index, agent] of agents.entries()) {
    await story.expect(`${agent.name} cannot reach it, and tries again`, () =>
      agent.events.slice(down[index]).some(({ type }) => type === "failed"),
    );
  }
  const failed = agents.map(({ events }) => events.filter(({ type }) => type === "failed").length);
  story.print(`meanwhile they tried ${failed.join(", ")} times, each time after a longer pause`);
  await emulator.outage(null);
  for (const agent of agents) {
    await story.expect(`${agent.name} is online again, with the token it had`, () => {
      return agent.saw("recovered") && statusOf(stage, agent.id) === "online";
    });
  }
}
