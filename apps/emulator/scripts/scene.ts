import { type Emulator, workspaceId } from "../src/index.ts";
import { type Agent, agent } from "../test/agent.ts";

/** The workspaces in the screenshot: name, task, error rate, active tasks. */
const fleet = {
  atlas: ["Atlas", "indexing the product handbook", 0, 2],
  birch: ["Birch", "reviewing a pull request", 0.02, 1],
  comet: ["Comet", "fetching invoices", 0.62, 4],
  delta: ["Delta", "", 0, 0],
  ember: ["Ember", "translating release notes", 0.004, 1],
  fjord: ["Fjord", "summarising a thread", 0, 3],
  grove: ["Grove", "answering a support request", 0, 1],
  harbor: ["Harbor", "planning the sprint", 0, 1],
  iris: ["Iris", "waiting for its runtime", 0.05, 1],
  lumen: ["Lumen", "drafting a changelog", 0.12, 2],
} as const;

const STEP_MS = 5_000;
const ROUNDS = 42;

/** Plays a few minutes of a fleet that shows most events and statuses. Deterministic except for latencies. */
export async function playScene(emulator: Emulator, advance: (ms: number) => void): Promise<void> {
  // Only workspaces that an operator created are reported as silent.
  const harbor = emulator.create(workspaceId("harbor"), { name: "harbor" });
  const agents = Object.entries(fleet).map(([id, [name]]) => ({ ...agentOf(emulator, id), name }));
  find(agents, "harbor").self.token = harbor;
  for (const { self, id, name } of agents) {
    await self.register({
      agent_card: { name },
      ...(id === "harbor" && { url: "", delivery_mode: "poll" }),
    });
  }
  for (let round = 0; round < ROUNDS; round++) {
    advance(STEP_MS);
    if (round === 9) emulator.latency(80);
    if (round === 13) emulator.latency(0);
    if (round === 20) emulator.latency(600);
    if (round === 21) emulator.latency(0);
    if (round === 24) emulator.outage({ kind: "status", status: 503 }, { paths: ["/registry/register"] });
    if (round === 25) emulator.outage(null);
    if (round === 32) emulator.outage({ kind: "refuse" });
    if (round === 35) emulator.outage(null);
    await Promise.all(agents.map(({ id, heartbeat }) => (id === "harbor" && round > 2 ? null : heartbeat())));
    if (round === 15) await rotation(emulator, find(agents, "birch"));
    if (round === 26) await rotation(emulator, find(agents, "grove"));
  }
  emulator.revoke(workspaceId("delta"));
  emulator.remove(workspaceId("ember"));
  emulator.rotate(workspaceId("fjord"));
  for (let n = 0; n < 3; n++) {
    advance(1_000);
    await Promise.all(agents.map(({ id, heartbeat }) => (id === "harbor" ? null : heartbeat())));
  }
}

/** The old token is rejected twice, then the agent reads the new one. */
async function rotation(emulator: Emulator, { self, heartbeat }: SimulatedAgent): Promise<void> {
  const token = emulator.rotate(self.id);
  await heartbeat();
  await heartbeat();
  self.token = token;
  await heartbeat();
}

interface SimulatedAgent {
  readonly id: string;
  readonly self: Agent;
  heartbeat(): Promise<unknown>;
}

function agentOf(emulator: Emulator, id: string): SimulatedAgent {
  const self = agent(emulator, workspaceId(id));
  const [, task, errorRate, tasks] = fleet[id as keyof typeof fleet];
  const heartbeat = () =>
    self.heartbeat({
      error_rate: errorRate,
      sample_error: errorRate >= 0.1 ? "upstream timed out, third attempt of five" : "",
      current_task: task,
      active_tasks: tasks,
      runtime_state: id === "iris" ? "wedged" : "",
    });
  return { id, self, heartbeat };
}

function find<T extends SimulatedAgent>(agents: readonly T[], id: string): T {
  const found = agents.find((each) => each.id === id);
  if (!found) throw new Error(`no agent is called ${id}`);
  return found;
}
