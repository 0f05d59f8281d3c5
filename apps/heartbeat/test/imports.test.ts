import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { expect, it } from "vitest";

/** The folders of `src`, each importing only from itself and those after it; the last one is `src` itself. */
const FOLDERS = [
  "library",
  "commands",
  "supervisor",
  "proxy",
  "observability",
  "cluster",
  "fleet",
  "workspace",
  "config",
  "storage",
  "transport",
  "",
];
/** Put everything together. */
const ENTRIES = ["cli.ts", "command-line.ts", "index.ts", "main.ts"];

const src = join(import.meta.dirname, "../src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !ENTRIES.includes(file),
);
const folderOf = (file: string): string => (file.includes(sep) ? (file.split(sep)[0] ?? "") : "");

it("each folder imports only from those after it", () => {
  expect(new Set(files.map(folderOf))).toEqual(new Set(FOLDERS));
  const upwards = files.flatMap((file) =>
    [...readFileSync(join(src, file), "utf8").matchAll(/\b(?:from|import)\s*\(?"(\.[^"]+)"/g)].flatMap(
      ([, path = ""]) => {
        const imported = join(dirname(file), path);
        const isDown = FOLDERS.indexOf(folderOf(imported)) >= FOLDERS.indexOf(folderOf(file));
        return isDown ? [] : [`${file} imports ${imported}`];
      },
    ),
  );
  expect(upwards).toEqual([]);
});
