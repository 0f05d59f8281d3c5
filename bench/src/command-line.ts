import { parseArgs } from "node:util";

export const SECTION_NAMES = ["headers", "save", "fleet", "scale", "start", "cluster"] as const;
export type SectionName = (typeof SECTION_NAMES)[number];

export const USAGE = `Usage: pnpm bench [--check] [--short] [--only <section>]…

Without a flag: measures everything, and writes results.json, bench.svg and the tables of README.md.

  --check           write nothing; exit 1 when a target is missed
  --short           three to four minutes, fewer workspaces; targets times two; writes nothing
  --only <section>  ${SECTION_NAMES.join(", ")}; may be given several times; writes nothing
  --help            this text`;

/** The parsed command line; `problem`: why it is invalid. */
export type Command =
  | { readonly check: boolean; readonly short: boolean; readonly only: readonly SectionName[] }
  | { readonly help: true }
  | { readonly problem: string };

export function readCommandLine(args: readonly string[]): Command {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        check: { type: "boolean", default: false },
        short: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [...SECTION_NAMES] },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return { help: true };
    const only = values.only.map((name) => {
      const section = SECTION_NAMES.find((known) => known === name);
      if (section === undefined)
        throw new Error(`--only takes one of ${SECTION_NAMES.join(", ")}, not ${name}.`);
      return section;
    });
    return { check: values.check, short: values.short, only };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node's message continues with advice about arguments that start with a dash; none applies here.
    return { problem: message.split(". ")[0]?.replace(/\.?$/, ".") ?? message };
  }
}
