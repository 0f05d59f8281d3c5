import { type RunningWorkspace, type StartWorkspaceOptions, startWorkspace } from "@x/heartbeat";

const options: StartWorkspaceOptions = {
  platformUrl: "https://platform.example",
  workspaceId: "0f8fad5b-d9cb-469f-a165-70867728950e",
  onMessage: ({ text }) => text.toUpperCase(),
};

export async function use(): Promise<string> {
  // @ts-expect-error: an interval is a number
  startWorkspace({ intervalMs: "30" });
  const workspace: RunningWorkspace = startWorkspace(options);
  await workspace.ready;
  const { state } = workspace.status();
  await workspace.stop();
  return state;
}
