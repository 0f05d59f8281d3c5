import { writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { createAuthority } from "../../../apps/heartbeat/test/certificates.ts";
import { answer } from "../answers.ts";
import type { HandshakesTask } from "../children/handshakes.ts";
import { runChild } from "../children.ts";
import { listen } from "../platform.ts";
import type { Effort, Part, Row, Target } from "../results.ts";
import { atMost, ours, table } from "../tables.ts";

const SIZES = [1, 2, 200];

/** TLS handshakes with a platform that announces no keep-alive timeout and closes no connections. */
export async function handshakes(directory: string, { short }: Effort): Promise<Part> {
  const heartbeatsEach = short ? 20 : 60;
  const rows: Row[] = [];
  const targets: Target[] = [];
  for (const workspaces of SIZES) {
    const perHeartbeat = await measure(directory, { workspaces, heartbeatsEach });
    const name = workspaces === 1 ? "1 workspace" : `${workspaces} workspaces`;
    rows.push(ours(name, perHeartbeat));
    targets.push(atMost(`TLS handshakes of a heartbeat, ${name}`, perHeartbeat, 0.05, ""));
  }
  const title = "TLS handshakes of one heartbeat, from the start of the fleet on";
  return { tables: [table("handshakes", title, "", rows)], targets };
}

async function measure(
  directory: string,
  size: Pick<HandshakesTask, "workspaces" | "heartbeatsEach">,
): Promise<number> {
  const authority = createAuthority();
  const trusted = join(directory, "authority.pem");
  writeFileSync(trusted, authority.cert);
  const { cert, key } = authority.issue({ name: "localhost", hosts: ["127.0.0.1"] });
  let count = 0;
  const server = createServer({ cert, key, keepAliveTimeout: 0 }, answer);
  server.on("secureConnection", () => {
    count += 1;
  });
  const url = `https://${await listen(server)}`;
  const task: HandshakesTask = { url, ...size, intervalMs: 500, configsDir: directory };
  const env = { NODE_EXTRA_CA_CERTS: trusted };
  const heartbeats = await runChild<number>(task, "handshakes", [], env);
  server.closeAllConnections();
  server.close();
  return count / heartbeats;
}
