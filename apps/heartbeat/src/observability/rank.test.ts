import { expect, it } from "vitest";
import { agents, workspaceStatus } from "../../test/views.ts";
import { createHistory, pickRows } from "./rank.ts";

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

it("rows with equal states are sorted by their latest change", () => {
  const history = createHistory();
  const failed = { state: { phase: "recovering" as const }, failure: "ECONNREFUSED" };
  const workspaces = agents(5);
  history(workspaces, 1);
  workspaces[3] = workspaceStatus("agent-3", failed);
  history(workspaces, 2);
  workspaces[1] = workspaceStatus("agent-1", failed);
  const rows = history(workspaces, 3);
  expect(idsOf(pickRows(rows, 3))).toEqual(["agent-1", "agent-3", "agent-0"]);
});

it("an unchanged row keeps its position from heartbeat to heartbeat", () => {
  const history = createHistory();
  const before = history(agents(100), 1);
  const after = history(agents(100, { lastHeartbeatAt: 5, latencyMs: 1, dueInMs: 3 }), 2);
  expect(after.map(({ changedAt }) => changedAt)).toEqual(before.map(({ changedAt }) => changedAt));
  expect(idsOf(pickRows(after, 10))).toEqual(idsOf(pickRows(before, 10)));
});

it("a workspace that was removed and added again is new", () => {
  const history = createHistory();
  history(agents(2), 1);
  history([], 2);
  expect(history(agents(2), 3).map(({ changedAt }) => changedAt)).toEqual([3, 3]);
});
