import type { WorkspaceConfig } from "../config/workspaces.ts";
import type { Log } from "../observability/log-message.ts";
import { isThisMachine } from "../transport/hosts.ts";
import type { Proxies } from "../transport/proxies.ts";

/** Logs once per platform how it is reached, if that is worth knowing. */
export function createPlatformNotes({ proxies, log }: { readonly proxies: Proxies; readonly log: Log }) {
  const known = new Set<string>();
  return (workspaces: readonly WorkspaceConfig[]): void => {
    for (const { platformUrl } of workspaces) {
      const { origin } = new URL(platformUrl);
      if (known.has(origin)) continue;
      known.add(origin);
      const { proxy } = proxies.routeTo(platformUrl);
      if (proxy !== null) {
        log.info(
          { code: "PROXY_USED" },
          `requests to ${origin} go through the proxy ${proxy.origin} (${proxy.variable})`,
        );
      }
      if (origin.startsWith("http:") && !isThisMachine(origin)) {
        log.warn(
          { code: "PLAIN_HTTP" },
          `${origin} is another machine, and http: anyone on the path can read the token. Use https`,
        );
      }
    }
  };
}
