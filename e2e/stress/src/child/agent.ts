import fs from "node:fs";
import { createNodeAuth } from "@x/auth-node";
import type { Operation } from "../durability/linearizable.ts";
import { classify, tokenOf } from "../tokens.ts";

// agent <directory> <first token> <milliseconds> <clock's zero>
// Saves, refreshes and reads at random, and prints each operation with its result, start and end as one line of JSON.

export interface AgentOperation extends Operation {
  /** A cached read: expected to return the value that this process saw last. */
  readonly last?: number;
}

const [directory = "", first = "1", duration = "1000", zero = "0"] = process.argv.slice(2);
const auth = createNodeAuth({ configsDir: directory, env: {} });
/** A clock shared by all processes: nanoseconds since boot. */
const now = () => Number(process.hrtime.bigint() - BigInt(zero));
const numberIn = (token: string | null) => {
  const content = classify(token);
  return content.kind === "whole" ? content.n : -1;
};

async function timed(kind: Operation["kind"], act: () => Promise<number>): Promise<Operation> {
  const start = now();
  const value = await act();
  return { kind, value, start, end: now() };
}

const until = now() + Number(duration) * 1e6;
let next = Number(first);
let last = numberIn(await auth.refreshCache());
while (now() < until) {
  const operation = await act(Math.random());
  last = operation.value;
  fs.writeSync(1, `${JSON.stringify(operation)}\n`);
  if (Math.random() < 0.3) await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
}
fs.writeSync(1, "done\n");

async function act(dice: number): Promise<AgentOperation> {
  if (dice < 0.3) {
    next += 1;
    const n = next;
    return timed("write", async () => {
      await auth.saveToken(tokenOf(n));
      return n;
    });
  }
  if (dice < 0.6) return timed("read", async () => numberIn(await auth.refreshCache()));
  if (dice < 0.8) {
    auth.clearCache();
    return timed("read", async () => numberIn(await auth.getToken()));
  }
  return { ...(await timed("read", async () => numberIn(await auth.getToken()))), last };
}
