import type { SaveAnswer, SaveTask } from "../children/save.ts";
import { runChild } from "../children.ts";
import { scratchDirectory } from "../file-system.ts";
import { DURABLE_PEERS } from "../peers/files.ts";
import type { Effort, Kind, Row, Section, Target } from "../results.ts";
import { READ, SAVE } from "../row-names.ts";
import { median, type Rounds, ratioOf, samplesOf } from "../stats.ts";
import { atMost, byValue, rowsOf, table } from "../tables.ts";

const OURS: readonly string[] = [SAVE.write, SAVE.save];
const FLOORS: readonly string[] = [SAVE.floor, SAVE.fsyncOnly, SAVE.blocking];

export async function save({ short }: Effort): Promise<Section> {
  const scratch = scratchDirectory();
  const task: SaveTask = { directory: scratch.path, saves: short ? 120 : 400, reads: short ? 200 : 2_000 };
  const { saves, reads, directoryFlushes } = await runChild<SaveAnswer>(task, "save");
  scratch.remove();
  const saved: Rounds = new Map(saves);
  const read: Rounds = new Map(reads);
  const flush = median(directoryFlushes);
  const [toFsyncOnly, toBlocking] = [SAVE.fsyncOnly, SAVE.blocking].map((floor) =>
    ratioOf(saved, SAVE.write, floor).toFixed(2),
  );
  return {
    id: "save",
    title: "A token saved, durably",
    tables: [
      { ...table("save", "one save", "ms", savesOf(saved)), against: "floor" },
      {
        ...table("read", "reading a cold token", "ms", rowsOf(read, READ.floor).sort(byValue)),
        against: "floor",
      },
    ],
    targets: targetsOf(saved, read, directoryFlushes),
    remarks: [
      `File system: ${scratch.fileSystem}. Flushing the directory is ${flush.toFixed(2)} ms of the floor; no peer does that, so a power cut right after a peer reports success may bring the old token back.`,
      `Neither the floor nor \`${SAVE.write}\` ever blocks the process: on a network file system, any call may hang. Two floors that block are faster: \`${SAVE.write}\` takes ${toFsyncOnly} × one that blocks except while flushing, and ${toBlocking} × one that blocks throughout, as conf does. \`saveToken\` also reads the stored token, to write only changes.`,
    ],
  };
}

function savesOf(saved: Rounds): Row[] {
  const rows = rowsOf(saved, SAVE.floor, kindOf).map((row): Row => {
    const hasFsync = DURABLE_PEERS.some((peer) => peer === row.name);
    const weaker = hasFsync ? "fsync of the file only" : "no fsync";
    return { ...row, detail: row.kind === "peer" ? weaker : "survives a loss of power" };
  });
  return rows.sort(byValue);
}

function kindOf(name: string): Kind {
  if (FLOORS.includes(name)) return "floor";
  return OURS.includes(name) ? "ours" : "peer";
}

function targetsOf(saved: Rounds, read: Rounds, flushes: readonly number[]): Target[] {
  const timeOf = (name: string) => median(samplesOf(saved, name));
  const fastest = DURABLE_PEERS.reduce((best, peer) => (timeOf(peer) < timeOf(best) ? peer : best));
  const floorAndRead = timeOf(SAVE.floor) + median(samplesOf(read, READ.floor));
  const peer = samplesOf(saved, fastest).map((sample, round) => sample + (flushes[round] ?? Number.NaN));
  const toPeer = samplesOf(saved, SAVE.write).map((sample, round) => sample / (peer[round] ?? Number.NaN));
  return [
    atMost(`${SAVE.write} to the floor`, ratioOf(saved, SAVE.write, SAVE.floor), 1.25),
    atMost(`${SAVE.write} to the fastest fsync peer (${fastest}) and a directory flush`, median(toPeer), 1),
    atMost(`${SAVE.save} to the floor and a ${READ.floor}`, timeOf(SAVE.save) / floorAndRead, 1.25),
    atMost(`${READ.read} to the floor`, ratioOf(read, READ.read, READ.floor), 2),
    atMost(`${READ.cold} to the floor`, ratioOf(read, READ.cold, READ.floor), 2),
  ];
}
