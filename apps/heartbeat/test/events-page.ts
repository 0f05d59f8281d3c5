import { CATALOGUE } from "../src/observability/catalogue/catalogue.ts";
import type { EventGroup } from "../src/observability/catalogue/event-kind.ts";

const INTRODUCTION = `# Events: the codes of the log

Each line of the runner's log has a \`code\` that is stable across versions, and a \`workspace_id\` if it concerns one
workspace. Filter and alert on these, never on the text:

\`\`\`sh
journalctl -u heartbeat -o cat | grep code=LOCKED_OUT
docker logs heartbeat | grep '"level":"error"'
\`\`\`

If a request failed, a colon and the cause follow the code: \`HEARTBEAT_FAILED:ECONNREFUSED\`,
\`REGISTER_FAILED:STORAGE_WRITE_FAILED\`. Causes are the codes
of [\`@x/platform-client\`](../packages/platform-client/README.md#results) and
[\`AuthError\`](../packages/auth-core/README.md#errors).

Of consecutive failures that may pass, the first three and then every 20th are logged at their level, the others at
\`debug\`. A failure that waiting cannot fix is an \`error\` once and again every hour; if it concerns the connection to a
platform, once for all its workspaces. Logging never affects what is sent.

This page is generated from the runner's catalogue: \`pnpm docs:events\`.`;

/** `docs/events.md`. */
export const eventsPage = (): string => `${[INTRODUCTION, ...CATALOGUE.map(section)].join("\n\n")}\n`;

function section({ title, events }: EventGroup): string {
  const rows = Object.entries(events).map(
    ([code, { levels, what, fix }]) => `| \`${code}\` | ${levels.join(", ")} | ${what} | ${fix} |`,
  );
  return [
    `## ${title}`,
    "",
    "| code | level | what happened | what to do |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}
