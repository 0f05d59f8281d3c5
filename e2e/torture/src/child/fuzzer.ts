import fs from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Case, OpenDoor } from "../hostile/doors/door.ts";
import { DOORS } from "../hostile/doors/doors.ts";
import { openWire } from "../hostile/wire/wire.ts";

/** How many inputs one seed makes. */
const CHUNK = 500;
/** Of what was let in, one in so many is sent over a real socket. */
const SEND_EVERY = 20;
const MEASURE_EVERY = 20;

/** What it says, a line of JSON each. */
export type Word =
  /** The next door is opened. */
  | { readonly door: string }
  /** A chunk of inputs begins. */
  | { readonly seed: number }
  /** So many more were tried at the door and on the wire, and all was well. */
  | { readonly tried: number; readonly sent: number }
  | {
      readonly bad: string;
      readonly input: string;
      readonly seed: number;
      readonly at: "the door" | "the wire";
    }
  /** Memory in use after a collection, in bytes. */
  | { readonly memory: number };

const [, , firstSeed = "0", directory = "", ...wanted] = process.argv;

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");
const say = (word: Word) => process.stdout.write(`${JSON.stringify(word)}\n`);
const wire = await openWire();
process.on("unhandledRejection", (error) =>
  say({ bad: `rejected unseen: ${error}`, input: "", seed: 0, at: "the door" }),
);

let accepted = 0;
for (const part of wanted) {
  const [id = "", count = ""] = part.split("=");
  const door = DOORS.find((known) => known.id === id);
  if (door === undefined) throw new Error(`There is no door ${id}.`);
  say({ door: id });
  const place = join(directory, id);
  fs.mkdirSync(place);
  const open = await door.open({ directory: place, wire });
  await run(open, Number(count), Number(firstSeed), door.atOnce);
  await open.close?.();
}
wire.close();

async function run(open: OpenDoor, total: number, seedOfAll: number, atOnce: number): Promise<void> {
  for (let done = 0, chunk = 0; done < total; done += CHUNK, chunk += 1) {
    const seed = seedOfAll + chunk;
    say({ seed });
    const cases = open.cases(Math.min(CHUNK, total - done), seed);
    say(await tryAll(cases, seed, atOnce));
    if (chunk % MEASURE_EVERY === 0) measure();
  }
  measure();
}

/** Says what is wrong, and returns how often nothing was. */
async function tryAll(cases: readonly Case[], seed: number, atOnce: number) {
  const tell = (one: Case, bad: string, at: "the door" | "the wire") =>
    say({ bad, input: one.shown(), seed, at });
  const toSend: Case[] = [];
  const left = cases.values();
  let tried = 0;
  let sent = 0;
  const lane = async () => {
    for (const one of left) {
      const verdict = await knockAt(one);
      if (typeof verdict === "object") tell(one, verdict.bad, "the door");
      else tried += 1;
      if (verdict !== "accepted") continue;
      accepted += 1;
      if (accepted % SEND_EVERY === 0 && one.send) toSend.push(one);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  for (const one of toSend) {
    const wrong = await one.send?.().catch((error) => `could not be sent: ${error}`);
    if (typeof wrong === "string") tell(one, wrong, "the wire");
    else sent += 1;
  }
  return { tried, sent };
}

async function knockAt(one: Case) {
  try {
    return await one.knock();
  } catch (error) {
    return { bad: `threw ${error}` };
  }
}

function measure(): void {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  say({ memory: heapUsed + external });
}
