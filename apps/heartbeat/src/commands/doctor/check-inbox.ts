import type { PlatformClient, WorkspaceInfo } from "@x/platform-client";
import { type Finding, note } from "./findings.ts";
import type { SharedLimit } from "./shared-limit.ts";

/**
 * Checks whether messages wait in the inbox of a polling workspace. Fetches one row, which does not show who has
 * handled it: several readers may share an inbox.
 */
export async function checkInbox(
  client: Pick<PlatformClient, "activity">,
  { url }: Pick<WorkspaceInfo, "url">,
  limit: SharedLimit,
): Promise<Finding[]> {
  // The platform calls a workspace with a URL.
  if (url !== "") return [];
  const result = await limit.keep(() => client.activity({ type: "a2a_receive", limit: 1 }));
  if (!result.ok) return [];
  const [newest] = result.value;
  if (newest === undefined) return [note("inbox", "no messages wait")];
  const { method, sourceId, createdAt } = newest;
  if (method === "notify") {
    const detail = `the newest row is the workspace's own message (${createdAt}); messages before it may still wait`;
    return [note("inbox", `${detail}, unless \`run --on-message\` or another program has fetched them`)];
  }
  const from = sourceId === null ? "the user" : sourceId || "an unknown sender";
  return [
    note(
      "inbox",
      `a message from ${from} (${createdAt}) waits, unless \`run --on-message\` or another program has fetched it`,
    ),
  ];
}
