import { fileURLToPath } from "node:url";
import { chromiumPage, chromiumServiceWorker, chromiumWorker } from "./drivers/chromium.ts";
import type { Runtime } from "./drivers/driver.ts";
import { program } from "./drivers/process.ts";
import { workerd } from "./drivers/workerd.ts";
import type { Traits } from "./traits.ts";

const engines = fileURLToPath(new URL("../engines/node_modules", import.meta.url));

/** Browser APIs that newer Node versions have. */
const learnt = (major: number): Partial<Traits> => ({
  turns: major >= 24,
  storages: major >= 25 ? ["sessionStorage"] : [],
});

const node = (major: number, path: string) =>
  program({ name: `Node ${major}`, starter: "node", command: [path], traits: learnt(major) });

const binary = process.platform === "win32" ? "node.exe" : "node";
const packaged = (major: number) =>
  node(major, `${engines}/node-${major}-${process.platform}-${process.arch}/bin/${binary}`);

const own = Number.parseInt(process.versions.node, 10);

/** Available after `npm install`: these run with every `npm test`. */
export const here: readonly Runtime[] = [
  node(own, process.execPath),
  workerd,
  chromiumPage,
  chromiumWorker,
  chromiumServiceWorker,
];

/** All runtimes; the others are installed by `pnpm test:runtimes`. */
export const matrix: readonly Runtime[] = [
  ...[20, 22, 24, 26].map(packaged),
  program({ name: "Bun", starter: "bun", command: [`${engines}/.bin/bun`] }),
  program({
    name: "Deno",
    starter: "deno",
    command: [`${engines}/.bin/deno`, "run", "--allow-all", "--no-lock", "--node-modules-dir=manual"],
    traits: { turns: true, storages: ["sessionStorage", "localStorage"] },
  }),
  workerd,
  chromiumPage,
  chromiumWorker,
  chromiumServiceWorker,
];
