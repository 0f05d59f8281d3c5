import fs from "node:fs";
import { IMPLEMENTATIONS, inspectFile } from "../implementations.ts";
import { classify } from "../tokens.ts";

// reader <implementation> raw|ours <directory>   reads until stdin ends, then prints its findings as JSON

const [name, how, directory = ""] = process.argv.slice(2);
const implementation = IMPLEMENTATIONS.find(({ id }) => id === name);
if (implementation === undefined) throw new Error(`There is no implementation ${name}`);
const read = how === "ours" ? await readOurs() : () => inspectFile(directory, implementation);

let stopped = false;
process.stdin.on("close", () => {
  stopped = true;
});
process.stdin.resume();

const found: Record<string, number> = { whole: 0, empty: 0, torn: 0, missing: 0, rejected: 0 };
fs.writeSync(1, "ready\n");
for (let time = 1; !stopped; time += 1) {
  const { kind } = await read();
  found[kind] = (found[kind] ?? 0) + 1;
  // Otherwise the end of stdin would never be processed.
  if (time % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
}
fs.writeSync(1, `${JSON.stringify(found)}\n`);

/** Reads through @x/auth-node, which retries while a writer is active. */
async function readOurs() {
  const { fileTokenStorage } = await import("@x/auth-node");
  const storage = fileTokenStorage({ configsDir: directory });
  return async (): Promise<{ kind: string }> => {
    try {
      return classify(await storage.read());
    } catch {
      return { kind: "rejected" };
    }
  };
}
