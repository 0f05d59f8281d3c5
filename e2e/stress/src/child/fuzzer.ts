import fs from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Case, OpenFuzzTarget } from "../hostile/fuzz-targets/fuzz-target.ts";
import { FUZZ_TARGETS } from "../hostile/fuzz-targets/fuzz-targets.ts";
import { openWire } from "../hostile/wire/wire.ts";

/** The number of inputs per seed. */
const CHUNK = 500;
/** One in this many accepted inputs is also sent over a real socket. */
const SEND_EVERY = 20;
const MEASURE_EVERY = 20;

/** Its messages, one line of JSON each. */
export type FuzzerMessage =
  /** A fuzz target starts. */
  | { readonly target: string }
  /** A chunk of inputs starts. */
  | { readonly seed: number }
  /** The number of inputs since the last message that passed, on the target and on the wire. */
  | { readonly tried: number; readonly sent: number }
  | {
      readonly bad: string;
      readonly input: string;
      readonly seed: number;
      readonly at: "the target" | "the wire";
    }
  /** Heap in use after a garbage collection, in bytes. */
  | { readonly memory: number };

const [, , firstSeed = "0", directory = "", ...wanted] = process.argv;

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");
const emit = (message: FuzzerMessage) => process.stdout.write(`${JSON.stringify(message)}\n`);
const wire = await openWire();
process.on("unhandledRejection", (error) =>
  emit({ bad: `rejected unseen: ${error}`, input: "", seed: 0, at: "the target" }),
);

let accepted = 0;
for (const part of wanted) {
  const [id = "", count = ""] = part.split("=");
  const target = FUZZ_TARGETS.find((known) => known.id === id);
  if (target === undefined) throw new Error(`There is no fuzz target ${id}.`);
  emit({ target: id });
  const targetDirectory = join(directory, id);
  fs.mkdirSync(targetDirectory);
  const open = await target.open({ directory: targetDirectory, wire });
  await run(open, Number(count), Number(firstSeed), target.atOnce);
  await open.close?.();
}
wire.close();

async function run(open: OpenFuzzTarget, total: number, seedOfAll: number, atOnce: number): Promise<void> {
  for (let done = 0, chunk = 0; done < total; done += CHUNK, chunk += 1) {
    const seed = seedOfAll + chunk;
    emit({ seed });
    const cases = open.cases(Math.min(CHUNK, total - done), seed);
    emit(await tryAll(cases, seed, atOnce));
    if (chunk % MEASURE_EVERY === 0) measure();
  }
  measure();
}

/** Reports failures. @returns the number of passes */
async function tryAll(cases: readonly Case[], seed: number, atOnce: number) {
  const report = (one: Case, bad: string, at: "the target" | "the wire") =>
    emit({ bad, input: one.shown(), seed, at });
  const toSend: Case[] = [];
  const left = cases.values();
  let tried = 0;
  let sent = 0;
  const lane = async () => {
    for (const one of left) {
      const result = await runCase(one);
      if (typeof result === "object") report(one, result.bad, "the target");
      else tried += 1;
      if (result !== "accepted") continue;
      accepted += 1;
      if (accepted % SEND_EVERY === 0 && one.send) toSend.push(one);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  for (const one of toSend) {
    const wrong = await one.send?.().catch((error) => `could not be sent: ${error}`);
    if (typeof wrong === "string") report(one, wrong, "the wire");
    else sent += 1;
  }
  return { tried, sent };
}

async function runCase(one: Case) {
  try {
    return await one.check();
  } catch (error) {
    return { bad: `threw ${error}` };
  }
}

function measure(): void {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  emit({ memory: heapUsed + external });
}
