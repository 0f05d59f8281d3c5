import fs from "node:fs";
import { join } from "node:path";
import { built, python, pythonProgram } from "./folder.ts";
import { type Content, classify } from "./tokens.ts";

export type ImplementationId = "ours" | "write-file-atomic" | "atomically" | "conf" | "python";

/** One way to store a token in a file. */
export interface Implementation {
  readonly id: ImplementationId;
  /** Its name in the table. */
  readonly name: string;
  /** The file's name within its directory. */
  readonly file: string;
}

export const IMPLEMENTATIONS: readonly Implementation[] = [
  { id: "ours", name: "@x/auth-node", file: ".auth_token" },
  { id: "write-file-atomic", name: "write-file-atomic", file: "token" },
  { id: "atomically", name: "atomically", file: "token" },
  { id: "conf", name: "conf", file: "config.json" },
  { id: "python", name: "truncating write (Python)", file: ".auth_token" },
];

/** The program that saves with it; see `child/writer.ts` for its arguments. */
export function writerOf(implementation: Implementation): string[] {
  if (implementation.id === "python") return [pythonProgram(), python("truncating")];
  return [process.execPath, built("writer"), implementation.id];
}

export function fileIn(directory: string, implementation: Implementation): string {
  return join(directory, implementation.file);
}

/** The result of simply reading the file. */
export function inspectFile(directory: string, implementation: Implementation): Content {
  try {
    return classify(tokenIn(fs.readFileSync(fileIn(directory, implementation), "utf8"), implementation.id));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return classify(null);
    throw error;
  }
}

/** `conf` stores JSON; truncated JSON contains no token. */
function tokenIn(text: string, id: ImplementationId): string {
  if (id !== "conf" || text === "") return text;
  try {
    const { token }: { token?: string } = JSON.parse(text);
    return token ?? "";
  } catch {
    return "torn";
  }
}

/** Other names in the directory: leftovers of killed or failed saves. */
export function leftovers(directory: string, implementation: Implementation): string[] {
  return fs.readdirSync(directory).filter((name) => name !== implementation.file);
}
