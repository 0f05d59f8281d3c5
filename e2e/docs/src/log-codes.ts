import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./documents.ts";

/** The event types that the runner logs; each one's code is its type in upper case. */
const EVENTS = [
  "apps/heartbeat/src/workspace/events.ts",
  "apps/heartbeat/src/fleet/pacer.ts",
  "packages/auth-core/src/events.ts",
  "packages/auth-node/src/file/events.ts",
];

/** The codes of these are prefixed with the subject. */
const CLUSTER_EVENTS = "apps/heartbeat/src/cluster/cluster-events.ts";

/** The code of this event is prefixed with the failed operation. */
const BY_ACTION: Readonly<Record<string, readonly string[]>> = {
  failed: ["REGISTER_FAILED", "HEARTBEAT_FAILED"],
};

/** The sources of lines that are logged without an event. */
const LINES = ["commands", "observability", "library", "supervisor"].map(
  (name) => `apps/heartbeat/src/${name}`,
);

/** Every code that a line of the runner's log can have, without the cause after the colon. */
export function logCodes(): string[] {
  const events = EVENTS.flatMap((path) => matches(path, /\btype: "([a-z-]+)"/g));
  const lines = LINES.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
      .flatMap((name) =>
        matches(
          `${folder}/${name}`,
          /\{ (?:workspace, )?code: "([A-Z_]+)" \}|\blevel(?:: "[a-z]+")?,\s+code: "([A-Z_]+)"/g,
        ),
      ),
  );
  const ofEvents = events.flatMap((type) => BY_ACTION[type] ?? [codeOf(type)]);
  const ofClusters = matches(CLUSTER_EVENTS, /\btype: "([a-z-]+)"/g).map((type) => `CLUSTER_${codeOf(type)}`);
  return [...new Set([...ofEvents, ...ofClusters, ...lines])].sort();
}

const codeOf = (type: string): string => type.toUpperCase().replaceAll("-", "_");

function matches(path: string, pattern: RegExp): string[] {
  return [...readFileSync(join(root, path), "utf8").matchAll(pattern)].map(
    ([, found, other = ""]) => found ?? other,
  );
}
