import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./documents.ts";

/** The types of the events that the runner logs; each one's code is its type in capitals. */
const EVENTS = [
  "apps/heartbeat/src/workspace/events.ts",
  "apps/heartbeat/src/fleet/pacer.ts",
  "packages/auth-core/src/events.ts",
  "packages/auth-node/src/file/events.ts",
];

/** The codes of these begin with what they are about. */
const CLUSTER_EVENTS = "apps/heartbeat/src/cluster/cluster-events.ts";

/** The code of this event begins with what failed. */
const BY_ACTION: Readonly<Record<string, readonly string[]>> = {
  failed: ["REGISTER_FAILED", "HEARTBEAT_FAILED"],
};

/** Where lines are logged that no event is behind. */
const LINES = ["commands", "observability", "library", "supervisor"].map(
  (name) => `apps/heartbeat/src/${name}`,
);

/** Every code that a line of the runner's log may have, without the cause behind a colon. */
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
