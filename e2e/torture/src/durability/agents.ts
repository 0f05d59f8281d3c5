import type { Bench, Trial } from "../bench.ts";
import type { Deed } from "../child/agent.ts";
import { built } from "../folder.ts";
import { start } from "../lab/child.ts";
import type { Lab } from "../lab/lab.ts";
import { createTally, type Finding } from "../report/finding.ts";
import { tokenOf } from "../tokens.ts";
import { isLinearizable, wrongReads } from "./linearizable.ts";

const AGENTS = 3;

/** The token that is there before they begin. */
const FIRST = 1;

export const agents: Trial = {
  id: "agents",
  title: "three processes that save, refresh and read at random",
  document: "docs/durability.md",
  needs: [],
  run: (bench) => bench.lab.within((lab) => letLoose(bench, lab)),
};

async function letLoose({ scale, progress }: Bench, lab: Lab): Promise<Finding[]> {
  const directory = lab.directory();
  const { createNodeAuth } = await import("@x/auth-node");
  await createNodeAuth({ configsDir: directory, env: {} }).saveToken(tokenOf(FIRST));
  const zero = process.hrtime.bigint();
  const deeds: Deed[] = [{ kind: "write", value: FIRST, start: -2, end: -1 }];
  let done = 0;
  const children = Array.from({ length: AGENTS }, (_, index) => {
    const from = String((index + 1) * 1_000_000);
    const command = [process.execPath, built("agent"), directory, from, String(scale.agentsMs), String(zero)];
    return start(lab, command, {
      onLine(line) {
        if (line === "done") done += 1;
        else deeds.push(JSON.parse(line));
      },
    });
  });
  const timer = setInterval(() => {
    const elapsed = Number(process.hrtime.bigint() - zero) / 1e6;
    progress(Math.min(elapsed, scale.agentsMs), scale.agentsMs);
  }, 500);
  lab.undo(() => clearInterval(timer));
  for (const child of children) await child.ended;
  if (done < AGENTS) throw new Error("An agent failed.");
  return examine(deeds);
}

function examine(deeds: readonly Deed[]): Finding[] {
  const shared = deeds.filter(({ last }) => last === undefined);
  const reads = shared.filter(({ kind }) => kind === "read").length;
  const wrong = wrongReads(shared).length;
  const fresh = createTally();
  fresh.add("wrong", wrong);
  fresh.add(null, reads - wrong);
  if (wrong === 0 && !isLinearizable(shared)) fresh.add("in no possible order");
  const cached = createTally();
  for (const { value, last } of deeds) {
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
