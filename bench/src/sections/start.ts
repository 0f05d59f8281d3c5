import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { scratchDirectory } from "../file-system.ts";
import { idOf, tokenOf } from "../heartbeat.ts";
import { installed, PEERS_ON_DISK, PUBLISHED } from "../installed.ts";
import { startPlatform } from "../platform.ts";
import type { Effort, Row, Section, Table, Target } from "../results.ts";
import { interleave, median, type Rounds, ratioOf, samplesOf } from "../stats.ts";
import { atMost, byValue, rowsOf, table } from "../tables.ts";

const FLOOR = "node -e 0";
const VERSION = "heartbeat --version";
const DOCTOR = "heartbeat doctor";
const EMPTY = "Node's own modules that it needs";
const AUTH_NODE = "@x/auth-node";

const HEARTBEAT = fileURLToPath(new URL("../../apps/heartbeat/bin/heartbeat.mjs", import.meta.url));

/** Milliseconds from starting a command to its exit. */
function timed(args: readonly string[], env: NodeJS.ProcessEnv = {}): () => Promise<number> {
  return () =>
    new Promise((resolve, reject) => {
      const started = performance.now();
      const child = spawn(process.execPath, args, { stdio: "ignore", env: { ...process.env, ...env } });
      child.on("error", reject);
      child.on("exit", (code) => {
        if (code === 0) resolve(performance.now() - started);
        else reject(new Error(`${args.join(" ")} ended with ${String(code)}.`));
      });
    });
}

/** Milliseconds to import a module, in a process that has imported nothing else. */
function importTime(script: string, url: string): () => Promise<number> {
  return () =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [script, url], { stdio: ["ignore", "pipe", "inherit"] });
      let text = "";
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      child.on("error", reject);
      child.on("close", () => resolve(Number(text)));
    });
}

const IMPORTER = `
const started = performance.now();
await import(process.argv[2]);
process.stdout.write(String(performance.now() - started));
`;

export async function start({ short }: Effort): Promise<Section> {
  const rounds = short ? 7 : 31;
  const scratch = scratchDirectory();
  const platform = await startPlatform();
  try {
    writeFileSync(join(scratch.path, ".auth_token"), tokenOf(0), { mode: 0o600 });
    const environment = { CONFIGS_DIR: scratch.path, PLATFORM_URL: platform.url, WORKSPACE_ID: idOf(0) };
    const commands = await interleave(
      new Map([
        [FLOOR, timed(["-e", "0"])],
        [VERSION, timed([HEARTBEAT, "--version"])],
        [DOCTOR, timed([HEARTBEAT, "doctor"], environment)],
      ]),
      rounds,
    );
    const importer = join(scratch.path, "importer.mjs");
    const empty = join(scratch.path, "empty.mjs");
    writeFileSync(importer, IMPORTER);
    writeFileSync(empty, 'import "node:fs";\nimport "node:os";\nimport "node:path";\n');
    const authNode = import.meta.resolve(AUTH_NODE);
    const imports = await interleave(
      new Map([
        [EMPTY, importTime(importer, pathToFileURL(empty).href)],
        [AUTH_NODE, importTime(importer, authNode)],
      ]),
      rounds,
    );
    return {
      id: "start",
      title: "Start",
      tables: [
        { ...table("start", "from start to end", "ms", rowsOf(commands, FLOOR)), against: FLOOR },
        { ...table("import", "import", "ms", rowsOf(imports, EMPTY)), against: EMPTY },
        installedSizes(),
      ],
      targets: targetsOf(commands, imports),
      remarks: ["`doctor` checks a platform on this machine, without problems."],
    };
  } finally {
    scratch.remove();
    await platform.stop();
  }
}

function installedSizes(): Table {
  const names = [...PUBLISHED, ...PEERS_ON_DISK];
  const rows = names.map((name): Row => {
    const { bytes, packages } = installed(name);
    const detail = `${packages} package${packages === 1 ? "" : "s"}`;
    return {
      name,
      kind: PUBLISHED.includes(name) ? "ours" : "peer",
      value: bytes / 1024,
      ratio: null,
      detail,
    };
  });
  return table("installed", "installed, with all it depends on", "KB", rows.sort(byValue));
}

function targetsOf(commands: Rounds, imports: Rounds): Target[] {
  const empty = samplesOf(imports, EMPTY);
  const over = samplesOf(imports, AUTH_NODE).map((sample, round) => sample - (empty[round] ?? Number.NaN));
  const toNode = (name: string) => atMost(`${name} to ${FLOOR}`, ratioOf(commands, name, FLOOR), 1.5);
  return [
    toNode(VERSION),
    toNode(DOCTOR),
    atMost(`import of ${AUTH_NODE} over ${EMPTY}`, median(over), 5, "ms"),
  ];
}
