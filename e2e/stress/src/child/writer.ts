import fs from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { IMPLEMENTATIONS } from "../implementations.ts";
import { type Sizes, tokenOf } from "../tokens.ts";
import { loadImplementation, type Save } from "./savers.ts";

// writer <implementation> loop <directory> <from> [<to>]   saves one token after the other
// writer <implementation> serve                           saves `<n> <directory>` for each line it is given
// Says `<n>` for a token that was saved and `!<code>` for one that was rejected, and synchronously, so that what it said
// holds when it is killed. It ends when its stdout is closed.

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

/** The file system's code, also when it is only the cause. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if (error.cause instanceof Error && "code" in error.cause) return String(error.cause.code);
  return "code" in error ? String(error.code) : error.name;
}

/** Only after everything is loaded, because that user need not be able to read these programs. */
function becomeUser(uid: number): void {
  process.setgroups?.([]);
  process.setgid?.(uid);
  process.setuid?.(uid);
}
