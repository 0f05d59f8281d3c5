import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./run.ts";
import { root } from "./workspace.ts";

const clients = fileURLToPath(new URL("../clients/package.json", import.meta.url));

/**
 * Starts a registry on this machine: our packages come only from here, all others from this machine's npm registry.
 * Writes an `npmrc` with which packages can be published to it.
 */
export async function startRegistry(folder: string): Promise<{ url: string; server: Server }> {
  await mkdir(folder, { recursive: true });
  const outside = await run(["npm", "config", "get", "registry"], root);
  const { runServer } = createRequire(clients)("verdaccio");
  const server: Server = await runServer({
    self_path: join(folder, "verdaccio.yaml"),
    storage: join(folder, "storage"),
    uplinks: { outside: { url: outside.trim() } },
    packages: {
      "@x/*": { access: "$all", publish: "$anonymous" },
      "**": { access: "$all", proxy: "outside" },
    },
    web: { enable: false },
    logs: { type: "stdout", level: "error" },
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  // npm does not publish without a token, not even where anyone may.
  await writeFile(join(folder, "npmrc"), `//${host}/:_authToken=none\n`);
  return { url: `http://${host}/`, server };
}
