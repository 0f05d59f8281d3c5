import fs from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { start } from "../../fixtures/child.ts";
import type { Fixtures } from "../../fixtures/fixtures.ts";
import { rootFolder } from "../../folder.ts";
import { createTally, type Finding } from "../../report/finding.ts";
import { peakMemory } from "../emulator/target.ts";
import { openElsewhere } from "./raw-platform.ts";
import { OTHER_TOKEN, OTHER_WORKSPACE, SCENARIOS } from "./scenarios.ts";
import { openStage, type Stage } from "./stage.ts";

/** Every scenario is over after two intervals and a timeout. */
const TIMEOUT_MS = 40_000;
/** A runner needs about 100 MB. The answers amount to more than 1 GB. */
const MAX_MEMORY_BYTES = 256 * 1_024 * 1_024;

const HEARTBEAT = join(rootFolder, "apps/heartbeat/bin/heartbeat.mjs");

/** Starts the runner, with one workspace for each scenario. */
export async function runFleetAgainstHostilePlatforms(
  fixtures: Fixtures,
  progress: (done: number, of: number) => void,
): Promise<Finding[]> {
  const elsewhere = await openElsewhere(fixtures);
  const stages: Stage[] = [];
  for (const [index, scenario] of SCENARIOS.entries()) {
    const stage = await openStage(index, scenario, elsewhere.origin);
    fixtures.undo(stage.platform.close);
    stages.push(stage);
  }

  const configsDir = fixtures.directory();
  const listFile = join(fixtures.directory(), "workspaces.json");
  const list = stages.map(({ id, token, platform }) => ({ id, token, platform_url: platform.origin }));
  fs.writeFileSync(listFile, JSON.stringify(list), { mode: 0o600 });
  const said: string[] = [];
  const command = [process.execPath, HEARTBEAT, "run", "--workspaces-file", listFile];
  const child = start(
    fixtures,
    [...command, "--configs-dir", configsDir, "--interval", "5", "--log-level", "trace"],
    {
      stderr: "lines",
      onLine: (line) => void said.push(line),
    },
  );
  const until = performance.now() + TIMEOUT_MS;
  while (performance.now() < until && !child.over() && !stages.every((stage) => isOver(stage, said))) {
    progress(stages.filter((stage) => isOver(stage, said)).length, stages.length);
    await sleep(200);
  }
  const peak = child.over() ? Number.POSITIVE_INFINITY : peakMemory(child.pid);
  await child.kill("SIGTERM");

  const reactions = createTally();
  for (const stage of stages) {
    const wrong = wrongWith(stage, said);
    reactions.add(wrong === null ? null : `${stage.scenario.what} (${stage.scenario.requestKind}): ${wrong}`);
  }
  const leaks = createTally();
  const secrets = [OTHER_TOKEN, ...stages.map(({ token }) => token)];
  for (const line of said) {
    if (secrets.some((secret) => line.includes(secret))) leaks.add("the log holds a token");
    else leaks.add(/[\p{Cc}]/u.test(textOf(line)) ? "the log contains control characters" : null);
  }
  for (const path of fs.readdirSync(configsDir, { recursive: true, encoding: "utf8" })) {
    const file = join(configsDir, path);
    if (fs.statSync(file).isFile())
      leaks.add(holdsForeign(file) ? "a file contains another workspace's data" : null);
  }
  leaks.add("a request went to another origin", elsewhere.contacts());
  const memory = createTally();
  memory.add(peak <= MAX_MEMORY_BYTES ? null : `${Math.round(peak / 2 ** 20)} MB`);
  return [
    reactions.finding(
      "Runner, answers that are endless, redirect elsewhere or are for another workspace: not cut off, not reported, or not recovered from",
      "ours",
    ),
    leaks.finding(
      "Runner, its logs, files and requests afterwards: a token, another workspace's answer, or another origin",
      "ours",
    ),
    memory.finding("Runner, all of these answers at once: more than 256 MB of memory", "ours"),
  ];
}

interface LogLine {
  readonly workspace_id?: string;
  readonly msg: string;
}

function parse(line: string): LogLine {
  try {
    return JSON.parse(line);
  } catch {
    return { msg: line };
  }
}

const textOf = (line: string): string => parse(line).msg;

function says({ id, scenario }: Stage, said: readonly string[]): boolean {
  return said.some((line) => {
    const { workspace_id: workspace, msg } = parse(line);
    return workspace === id && scenario.says.test(msg);
  });
}

const isOver = (stage: Stage, said: readonly string[]) => stage.isOver() && says(stage, said);

function wrongWith(stage: Stage, said: readonly string[]): string | null {
  if (!says(stage, said)) return "not reported";
  return stage.isOver() ? stage.wrong() : "no heartbeat arrived afterwards";
}

function holdsForeign(path: string): boolean {
  const text = fs.readFileSync(path, "utf8");
  return text.includes(OTHER_TOKEN) || text.includes(OTHER_WORKSPACE);
}
