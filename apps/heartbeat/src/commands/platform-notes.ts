import type { Env } from "@x/auth-core";
import type { WorkspaceConfig } from "../config/workspaces.ts";
import type { Log } from "../observability/log-message.ts";
import { acceptsAnyCertificate, isThisMachine } from "../transport/hosts.ts";
import type { Proxies } from "../transport/proxies.ts";

interface PlatformNotesOptions {
  readonly env: Env;
  readonly proxies: Proxies;
  readonly log: Log;
}

/** Logs once per platform how it is reached, if that is worth knowing. */
export function createPlatformNotes({ env, proxies, log }: PlatformNotesOptions) {
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
      if (acceptsAnyCertificate(origin, env)) {
        log.warn(
          { code: "CERTIFICATES_NOT_CHECKED" },
          `NODE_TLS_REJECT_UNAUTHORIZED is 0: ${origin} may be anyone on the path, who can read the token. Unset it, ` +
            "and pass the certificate of the platform's authority as NODE_EXTRA_CA_CERTS=<file>",
        );
      }
    }
  };
}
