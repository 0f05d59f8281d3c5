import { byId } from "../dom.ts";
import { JoinForm } from "./form.ts";
import { Runner, type RunnerStatus, type Timer } from "./runner.ts";
import { type JoinSettings, readSettings, writeSettings } from "./settings.ts";
import { createTabClient } from "./tab-client.ts";
import { WorkspacePanel } from "./workspace-panel.ts";

const timer: Timer = {
  now: () => Date.now(),
  after(ms, run) {
    const handle = setTimeout(run, ms);
    return () => clearTimeout(handle);
  },
};

interface JoinedWorkspace {
  readonly runner: Runner;
  /** Resolves when no request is in flight any more. */
  close(): Promise<void>;
}

/** The section through which this tab joins as a workspace; after a reload it rejoins automatically. */
export function offerToJoin(): void {
  let joined: JoinedWorkspace | null = null;
  let left = Promise.resolve();
  const form = new JoinForm((settings) => {
    writeSettings(settings);
    join(settings);
    // The focused button is gone.
    panel.focus();
  });
  const panel = new WorkspacePanel({
    useToken: async (token) => joined?.runner.useToken(token) ?? null,
    leave() {
      left = joined?.close() ?? left;
      joined = null;
      writeSettings(null);
      panel.close();
      form.hidden = false;
      form.focus();
    },
  });

  function join(settings: JoinSettings): void {
    form.fill(settings);
    form.hidden = true;
    panel.open(settings);
    joined = start(settings, panel, left);
  }

  const settings = readSettings();
  if (!settings) return;
  byId("join", HTMLDetailsElement).open = true;
  join(settings);
}

/** @param left settles when the previous runner has ended: it may be about to store the token that this one needs */
function start(settings: JoinSettings, panel: WorkspacePanel, left: Promise<void>): JoinedWorkspace {
  const client = createTabClient(settings);
  let newest: RunnerStatus | null = null;
  const changed = async (status: RunnerStatus) => {
    newest = status;
    if (status.phase === "removed") writeSettings(null);
    const tokenSummary = await client.tokenSummary();
    if (status === newest) panel.render(settings, status, tokenSummary);
  };
  const runner = new Runner({ client, intervalMs: settings.intervalMs, timer, changed });
  runner.start(left);
  return {
    runner,
    async close() {
      newest = null;
      await runner.stop();
      client.close();
    },
  };
}
