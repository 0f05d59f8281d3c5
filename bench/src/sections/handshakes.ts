import { writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createAuthority } from "../../../apps/heartbeat/test/certificates.ts";
import { answer } from "../answers.ts";
import type { HandshakesTask } from "../children/handshakes.ts";
import { startChild } from "../children.ts";
import type { Effort, Row, Table, Target } from "../results.ts";

const SIZES = [1, 2, 200];

/** TLS handshakes with a platform that announces no keep-alive timeout and closes no connections. */
export async function handshakes(
  directory: string,
  { short }: Effort,
): Promise<{ tables: Table[]; targets: Target[] }> {
  const heartbeatsEach = short ? 20 : 60;
  const rows: Row[] = [];
  const targets: Target[] = [];
  for (const workspaces of SIZES) {
    const perHeartbeat = await measure(directory, { workspaces, heartbeatsEach });
    const name = workspaces === 1 ? "1 workspace" : `${workspaces} workspaces`;
    rows.push({ name, kind: "ours", value: perHeartbeat, ratio: null });
    targets.push({
      what: `TLS handshakes of a heartbeat, ${name}`,
      measured: perHeartbeat,
      bound: "at most",
      limit: 0.05,
      unit: "",
    });
  }
  const title = "TLS handshakes of one heartbeat, from the start of the fleet on";
  return { tables: [{ id: "handshakes", title, unit: "", against: null, rows }], targets };
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
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const child = await startChild("handshakes", [], { NODE_EXTRA_CA_CERTS: trusted });
  const task: HandshakesTask = { url, ...size, intervalMs: 500, configsDir: directory };
  const heartbeats = await child.ask<number>(task);
  await child.stop();
  server.closeAllConnections();
  server.close();
  return count / heartbeats;
}
