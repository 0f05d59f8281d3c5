import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./documents.ts";
import type { Command } from "./shell.ts";

interface Manifest {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly packageManager?: string;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));

const { scripts: rootScripts = {}, packageManager = "", optionalDependencies = {} } = manifestOf(".");
const scripts = Object.keys(rootScripts);
const published = ["packages", "apps"].flatMap((parent) =>
  readdirSync(join(root, parent)).map((folder) => manifestOf(`${parent}/${folder}`)),
);
/** The packages published from here, and those that users install with them. */
const installable = [
  ...published.flatMap(({ name, peerDependencies = {} }) => [name, ...Object.keys(peerDependencies)]),
  ...Object.keys(optionalDependencies),
];
const inside = ["packages", "apps", "e2e"]
  .flatMap((parent) => readdirSync(join(root, parent)).map((folder) => `${parent}/${folder}`))
  .filter((folder) => existsSync(join(root, folder, "package.json")))
  .map(manifestOf);

/** The sources that parse each script's flags. */
const SOURCES: Readonly<Record<string, string>> = {
  bench: "bench/src/command-line.ts",
  stress: "e2e/stress/src/cli.ts",
  soak: "apps/heartbeat/soak/main.ts",
  "fleet:10k": "apps/heartbeat/fleet-10k/main.ts",
};

/** The flags from `--help` of `heartbeat run`, `heartbeat doctor`, `emulator` and so on. */
const asked = new Map<string, readonly string[]>();

function documentedFlags(program: string, command: string): readonly string[] {
  const key = `${program} ${command}`;
  const known = asked.get(key);
  if (known !== undefined) return known;
  const bin = join(root, "apps", program, "bin", `${program}.mjs`);
  const words = [bin, ...command.split(" ").filter((word) => word !== ""), "--help"];
  const help = execFileSync(process.execPath, words, { encoding: "utf8" });
  const flags = [...help.matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag = ""]) => flag);
  asked.set(key, flags);
  return flags;
}

function flagsRead(script: string): readonly string[] {
  const source = SOURCES[script];
  if (source === undefined) return [];
  const text = readFileSync(join(root, source), "utf8");
  return [...text.matchAll(/^ +"?([a-z][a-z-]*)"?: \{ type: /gm)].map(([, name]) => `--${name}`);
}

const COMMANDS = [
  ..."run status doctor send rotate proxy demo".split(" "),
  ...["store init", "store import", "store put", "store reseal"],
];

/** Flags of the runner and the emulator, regardless of the command. */
export const flagsOfPrograms = (): readonly string[] => [
  ...COMMANDS.flatMap((command) => documentedFlags("heartbeat", command)),
  ...documentedFlags("emulator", ""),
];

/** The vitest flags that the documents pass to `test`. */
const VITEST = ["--project", "--coverage"];
const PNPM = ["install", "exec", "changeset", "add"];

/** Third-party programs, whose flags are not checked. */
const ELSEWHERE = [
  ..."cat cd chmod cp curl docker echo export git grep install journalctl kubectl ls mkdir mv node rm".split(
    " ",
  ),
  ..."python3 ssh systemctl tar umask useradd".split(" "),
];

/** The problem with a command; `null` if it can be run as written. */
export function problemOf([program = "", ...words]: Command): string | null {
  const name = program.split("/").at(-1)?.replace(".mjs", "") ?? "";
  if (name === "npm") return ofNpm(words);
  if (name === "pnpm") return ofPnpm(words);
  if (name === "npx") return ofNpx(words);
  if (name === "heartbeat") return ofHeartbeat(words);
  if (name === "emulator") return unknownFlags(words, documentedFlags("emulator", ""), "emulator");
  return ELSEWHERE.includes(name) ? null : `${program} is an unknown program`;
}

function ofNpm([what = "", ...words]: readonly string[]): string | null {
  if (what === "install") {
    const packages = words.filter((word) => !word.startsWith("-"));
    const unpublished = packages.find((each) => !installable.includes(each));
    return unpublished === undefined ? null : `${unpublished} is not published from here`;
  }
  const isShort = what === "test" || what === "start";
  if (what !== "run" && !isShort) return `npm ${what} is not used here`;
  const [script = "", ...rest] = isShort ? [what, ...words] : words;
  if (rest.some((word) => word.startsWith("-")) && !rest.includes("--"))
    return `npm keeps the flags of ${script} to itself without a --`;
  return ofScript(script, rest);
}

function ofPnpm(words: readonly string[]): string | null {
  const at = words.findIndex((word, index) => !word.startsWith("-") && words[index - 1] !== "--filter");
  const filter = words[words.indexOf("--filter") + 1];
  const script = words[at] ?? "";
  if (words.includes("--filter")) {
    const member = inside.find(({ name }) => name === filter);
    if (member === undefined) return `${filter} is no package of this repository`;
    return member.scripts?.[script] !== undefined || script === "deploy"
      ? null
      : `${filter} has no ${script}`;
  }
  return PNPM.includes(script) ? null : ofScript(script, words.slice(at + 1));
}

function ofNpx(words: readonly string[]): string | null {
  const [program = "", ...rest] = words.filter((word) => word !== "--yes");
  if (program.startsWith("pnpm@")) {
    if (!packageManager.startsWith(program)) return `${program} is not the one of package.json`;
    return rest.length === 0 ? null : ofPnpm(rest);
  }
  if (program === "@x/heartbeat") return ofHeartbeat(rest);
  if (program === "@x/emulator") return unknownFlags(rest, documentedFlags("emulator", ""), "emulator");
  return ["vitest", "biome", "knip", "size-limit", "typedoc"].includes(program)
    ? null
    : `npx ${program} is not used here`;
}

function ofScript(script: string, words: readonly string[]): string | null {
  if (!scripts.includes(script)) return `package.json has no script ${script}`;
  const rest = words.filter((word) => word !== "--");
  if (script === "heartbeat") return ofHeartbeat(rest);
  if (script === "emulator") return unknownFlags(rest, documentedFlags("emulator", ""), script);
  if (script === "demo") return unknownFlags(rest, documentedFlags("heartbeat", "demo"), script);
  return unknownFlags(rest, script === "test" ? VITEST : flagsRead(script), script);
}

function ofHeartbeat([first = "", ...others]: readonly string[]): string | null {
  const [command, words] =
    first === "store" ? [`store ${others[0] ?? ""}`, others.slice(1)] : [first, others];
  if (["", "--help", "--version"].includes(command)) return null;
  if (!COMMANDS.includes(command)) return `heartbeat has no command ${command}`;
  // Arguments after `--` belong to another program.
  const end = command === "run" ? words.indexOf("--") : -1;
  const own = end < 0 ? words : words.slice(0, end);
  return unknownFlags(own, documentedFlags("heartbeat", command), `heartbeat ${command}`);
}

function unknownFlags(words: readonly string[], known: readonly string[], who: string): string | null {
  const unknown = words.find((word) => word.startsWith("--") && !known.includes(word.split("=")[0] ?? ""));
  return unknown === undefined ? null : `${who} knows no ${unknown}`;
}
