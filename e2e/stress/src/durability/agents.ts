import type { AgentOperation } from "../child/agent.ts";
import type { Experiment, ExperimentContext } from "../experiment.ts";
import { start } from "../fixtures/child.ts";
import type { Fixtures } from "../fixtures/fixtures.ts";
import { built } from "../folder.ts";
import { createTally, type Finding } from "../report/finding.ts";
import { tokenOf } from "../tokens.ts";
import { isLinearizable, wrongReads } from "./linearizable.ts";

const AGENTS = 3;

/** The token at the start. */
const FIRST = 1;

export const agents: Experiment = {
  id: "agents",
  title: "three processes that save, refresh and read at random",
  document: "docs/durability.md",
  needs: [],
  run: (context) => context.fixtures.within((fixtures) => letLoose(context, fixtures)),
};

async function letLoose({ scale, progress }: ExperimentContext, fixtures: Fixtures): Promise<Finding[]> {
  const directory = fixtures.directory();
  const { createNodeAuth } = await import("@x/auth-node");
  await createNodeAuth({ configsDir: directory, env: {} }).saveToken(tokenOf(FIRST));
  const zero = process.hrtime.bigint();
  const operations: AgentOperation[] = [{ kind: "write", value: FIRST, start: -2, end: -1 }];
  let done = 0;
  const children = Array.from({ length: AGENTS }, (_, index) => {
    const from = String((index + 1) * 1_000_000);
    const command = [process.execPath, built("agent"), directory, from, String(scale.agentsMs), String(zero)];
    return start(fixtures, command, {
      onLine(line) {
        if (line === "done") done += 1;
        else operations.push(JSON.parse(line));
      },
    });
  });
  const timer = setInterval(() => {
    const elapsed = Number(process.hrtime.bigint() - zero) / 1e6;
    progress(Math.min(elapsed, scale.agentsMs), scale.agentsMs);
  }, 500);
  fixtures.undo(() => clearInterval(timer));
  for (const child of children) await child.ended;
  if (done < AGENTS) throw new Error("An agent failed.");
  return examine(operations);
}

function examine(operations: readonly AgentOperation[]): Finding[] {
  const shared = operations.filter(({ last }) => last === undefined);
  const reads = shared.filter(({ kind }) => kind === "read").length;
  const wrong = wrongReads(shared).length;
  const fresh = createTally();
  fresh.add("wrong", wrong);
  fresh.add(null, reads - wrong);
  if (wrong === 0 && !isLinearizable(shared)) fresh.add("not linearizable");
  const cached = createTally();
  for (const { value, last } of operations) {
    if (last !== undefined) cached.add(value === last ? null : "another");
  }
  return [
    fresh.finding("Three processes at random: reads that are not linearizable", "ours"),
    cached.finding(
      "Three processes at random: cached reads of another token than the process last saw",
      "ours",
    ),
  ];
}
