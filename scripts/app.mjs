// `npm run heartbeat` and `npm run emulator`: runs the built program.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [node = "", , name = "", ...args] = process.argv;
const app = new URL(`../apps/${name}/`, import.meta.url);
if (!existsSync(new URL("dist/main.js", app))) {
  console.error(`${name} is not built yet; \`npm run demo -- --once\` installs and builds everything`);
  process.exit(2);
}
const bin = new URL(`bin/${name}.mjs`, app);
process.argv = [node, fileURLToPath(bin), ...args];
await import(bin.href);
