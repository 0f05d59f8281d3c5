import type { Env } from "@x/auth-core";
import { describeDropped, dropWhatIsNotRead } from "@x/emulator/output";
import type { Config } from "../config/config.ts";
import { onlyWorkspace } from "../config/only-workspace.ts";
import { type ProxyFlags, type ProxySettings, readProxyFlags } from "../config/proxy-flags.ts";
import { openAuth } from "../fleet/workspace-auth.ts";
import { authMessage } from "../observability/auth-messages.ts";
import type { Screen } from "../observability/display.ts";
import { openLog, streamOf } from "../observability/open-log.ts";
import { openProxy, type ProxyAddress } from "../proxy/open-proxy.ts";
import { secretFrom } from "../proxy/secret-file.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { openStore } from "./open-store.ts";
import { untilSignal } from "./shutdown.ts";

export interface ProxyOptions {
  readonly env: Env;
  readonly screen: Screen;
  /** Called at the end if a disk hangs, which keeps the process from exiting. */
  readonly onStuck: () => void;
}

/**
 * Signs requests on this machine for one workspace's platform until a signal arrives. It keeps no workspace alive. Its
 * address is the only line of standard output; the log is on standard error.
 *
 * @throws ConfigError with all problems at once, before it listens
 */
export async function proxy(
  flags: ProxyFlags,
  config: Config,
  { env, screen: { outputs, hide }, onStuck }: ProxyOptions,
): Promise<ExitCode> {
  const settings = readProxyFlags(flags, env);
  const workspace = onlyWorkspace(config, "signs");
  const log = openLog(config, streamOf(outputs, "stderr"), env);
  dropWhatIsNotRead(outputs, (dropped) =>
    log.warn({ code: "LOG_LINES_DROPPED" }, `the log has a gap: ${describeDropped(dropped)}`),
  );
  for (const warning of config.warnings) log.warn({ code: "CONFIG_IGNORED" }, warning);
  const { store } = await openStore(config, { env, onSecret: (_, text) => hide(workspace.id, text) });
  const onAuthEvent = (_: string, event: Parameters<typeof authMessage>[0]) => {
    const { level, code, text } = authMessage(event);
    log[level]({ workspace: workspace.id, code }, text);
  };
  try {
    const auth = openAuth(workspace, { store, env, onAuthEvent, onSecret: hide });
    const address = await addressOf(settings, hide);
    // Signals are handled before it listens, so that its socket is always removed.
    await untilSignal(
      async (stop) => {
        const { location, close } = await openProxy(address, { auth, workspace, env });
        console.log(location);
        log.info(
          { workspace: workspace.id, code: "PROXY_OPENED" },
          `requests to ${location} are signed for ${workspace.platformUrl}; press Ctrl-C to stop`,
        );
        if (!stop.aborted) {
          await new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve()));
        }
        await close();
      },
      { isStuck: store.isStuck },
    );
    return EXIT.ok;
  } finally {
    await store.close();
    if (store.isStuck()) onStuck();
  }
}

async function addressOf(settings: ProxySettings, hide: Screen["hide"]): Promise<ProxyAddress> {
  if ("socket" in settings) return settings;
  const secret = await secretFrom(settings.secretFile);
  hide("proxy", secret);
  return { port: settings.port, secret };
}
