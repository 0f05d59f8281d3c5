import fs from "node:fs";
import { join } from "node:path";
import { built, python, pythonProgram } from "./folder.ts";
import { type Content, judge } from "./tokens.ts";

export type ContestantId = "ours" | "write-file-atomic" | "atomically" | "conf" | "python";

/** One way to keep a token in a file. */
export interface Contestant {
  readonly id: ContestantId;
  /** As the table calls it. */
  readonly name: string;
  /** The file's name in the directory that it is given. */
  readonly file: string;
}

export const CONTESTANTS: readonly Contestant[] = [
  { id: "ours", name: "@x/auth-node", file: ".auth_token" },
  { id: "write-file-atomic", name: "write-file-atomic", file: "token" },
  { id: "atomically", name: "atomically", file: "token" },
  { id: "conf", name: "conf", file: "config.json" },
  { id: "python", name: "truncating write (Python)", file: ".auth_token" },
];

/** The program that saves in its way; see `child/writer.ts` for its arguments. */
export function writerOf(contestant: Contestant): string[] {
  if (contestant.id === "python") return [pythonProgram(), python("truncating")];
  return [process.execPath, built("writer"), contestant.id];
}

export function fileIn(directory: string, contestant: Contestant): string {
  return join(directory, contestant.file);
}

/** What a program finds that simply reads the file. */
export function look(directory: string, contestant: Contestant): Content {
  try {
    return judge(tokenIn(fs.readFileSync(fileIn(directory, contestant), "utf8"), contestant.id));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return judge(null);
    throw error;
  }
}

/** `conf` keeps JSON; half of that is no token. */
function tokenIn(text: string, id: ContestantId): string {
  if (id !== "conf" || text === "") return text;
  try {
    const { token }: { token?: string } = JSON.parse(text);
    return token ?? "";
  } catch {
    return "torn";
  }
}

/** Names beside the file: what killed or failed saves have left. */
export function leftovers(directory: string, contestant: Contestant): string[] {
  return fs.readdirSync(directory).filter((name) => name !== contestant.file);
}
