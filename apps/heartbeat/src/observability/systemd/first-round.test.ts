import { expect, it } from "vitest";
import { workspaceStatus } from "../../../test/views.ts";
import { isFirstRoundOver } from "./first-round.ts";

const alive = workspaceStatus("a");
const untried = workspaceStatus("b", { state: { phase: "registering" } });
const failed = workspaceStatus("c", { state: { phase: "registering", tries: 1 }, failure: "503" });
const recovering = workspaceStatus("d", { state: { phase: "recovering" }, failure: "503" });

it.each([
  { name: "no workspace to wait for", workspaces: [], over: true },
  { name: "all are alive", workspaces: [alive], over: true },
  { name: "one was not tried yet", workspaces: [alive, untried], over: false },
  {
    name: "a failed workspace does not delay the others",
    workspaces: [alive, failed, recovering],
    over: true,
  },
  { name: "no heartbeat is accepted", workspaces: [failed, recovering], over: false },
])("the first round of heartbeats: $name", ({ workspaces, over }) => {
  expect(isFirstRoundOver(workspaces)).toBe(over);
});
