import {
  createAuthFetch,
  isAuthError,
  type LogMessage,
  type MessageHandler,
  type RunningWorkspace,
  type StartWorkspaceOptions,
  startWorkspace,
} from "@x/heartbeat";

const onMessage: MessageHandler = async ({ text, from }, { log }) => {
  log(from.kind);
  return text === "" ? null : text.toUpperCase();
};
const options: StartWorkspaceOptions = {
  thread: true,
  onMessage,
  onLog: ({ code }: LogMessage) => void code,
};

export async function use(): Promise<string> {
  // @ts-expect-error: an interval is a number
  startWorkspace({ intervalMs: "30" });
  const workspace: RunningWorkspace = startWorkspace(options);
  try {
    await workspace.ready;
  } catch (error) {
    if (isAuthError(error) && error.code === "TOKEN_REJECTED") return error.message;
  }
  await createAuthFetch(workspace.auth)("/workspaces");
  await workspace[Symbol.asyncDispose]();
  return workspace.status().state;
}
