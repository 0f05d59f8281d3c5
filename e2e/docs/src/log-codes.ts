import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./documents.ts";

/** The types of the events that the runner logs; each one's code is its type in capitals. */
const EVENTS = [
  "apps/heartbeat/src/workspace/events.ts",
  "packages/auth-core/src/events.ts",
  "packages/auth-node/src/file/events.ts",
];

/** The code of this event begins with what failed. */
const BY_ACTION: Readonly<Record<string, readonly string[]>> = {
  failed: ["REGISTER_FAILED", "HEARTBEAT_FAILED"],
};

/** Where lines are logged that no event is behind. */
const LINES = "apps/heartbeat/src/commands";

/** Every code that a line of the runner's log may have, without the cause behind a colon. */
export function logCodes(): string[] {
  const events = EVENTS.flatMap((path) => matches(path, /\btype: "([a-z-]+)"/g));
  const lines = readdirSync(join(root, LINES), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .flatMap((name) => matches(`${LINES}/${name}`, /\{ (?:workspace, )?code: "([A-Z_]+)" \}/g));
  const ofEvents = events.flatMap((type) => BY_ACTION[type] ?? [type.toUpperCase().replaceAll("-", "_")]);
  return [...new Set([...ofEvents, ...lines])].sort();
}

function matches(path: string, pattern: RegExp): string[] {
  return [...readFileSync(join(root, path), "utf8").matchAll(pattern)].map(([, found = ""]) => found);
}
