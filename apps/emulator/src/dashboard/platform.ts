import type { FeedSources } from "./feed.ts";
import type { PlatformMessage } from "./messages.ts";
import { outageText } from "./words.ts";

/** The platform's current global state. */
export function platformOf({
  contract,
  faults,
  state,
}: Omit<FeedSources, "clock" | "redact">): PlatformMessage {
  const { current, latencyMs, scope } = faults;
  return {
    contract: contract.version,
    outage: current && {
      kind: current.kind,
      status: current.kind === "status" ? current.status : null,
      text: outageText(current, scope),
    },
    latencyMs,
    workspaces: state.size,
  };
}
