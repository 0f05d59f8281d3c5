import fs from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { IMPLEMENTATIONS } from "../implementations.ts";
import { type Sizes, tokenOf } from "../tokens.ts";
import { loadImplementation, type Save } from "./savers.ts";

// writer <implementation> loop <directory> <from> [<to>]   saves tokens one after another
// writer <implementation> serve                           saves `<n> <directory>` for each line of stdin
// Prints `<n>` for a saved token and `!<code>` for a rejected one, synchronously, so that the output is accurate if it
// is killed. Ends when its stdout is closed.

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { uid: { type: "string" }, sizes: { type: "string" } },
});
const [name, mode, directory = "", from = "1", to = "Infinity"] = positionals;
const id = IMPLEMENTATIONS.find((implementation) => implementation.id === name)?.id;
if (id === undefined) throw new Error(`There is no implementation ${name}`);
const sizes: Sizes = values.sizes === "within a page" ? values.sizes : "all";
const open = await loadImplementation(id);
if (values.uid !== undefined) becomeUser(Number(values.uid));
say("ready");

if (mode === "loop") {
  const save = open(directory);
  for (let n = Number(from); n <= Number(to); n += 1) await attempt(save, n);
} else {
  const saves = new Map<string, Save>();
  for await (const line of createInterface({ input: process.stdin })) {
    const [n = "", ...words] = line.split(" ");
    await attempt(async (token) => {
      const path = words.join(" ");
      const save = saves.get(path) ?? open(path);
      saves.set(path, save);
      await save(token);
    }, Number(n));
  }
}

async function attempt(save: Save, n: number): Promise<void> {
  try {
    await save(tokenOf(n, sizes));
  } catch (error) {
    return say(`!${codeOf(error)}`);
  }
  say(String(n));
}

function say(answer: string): void {
  try {
    fs.writeSync(1, `${answer}\n`);
  } catch {
    process.exit();
  }
}

/** The file system's error code, even if nested in a cause. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if (error.cause instanceof Error && "code" in error.cause) return String(error.cause.code);
  return "code" in error ? String(error.code) : error.name;
}

/** Only after all modules are loaded, because that user may not be able to read these programs. */
function becomeUser(uid: number): void {
  process.setgroups?.([]);
  process.setgid?.(uid);
  process.setuid?.(uid);
}
