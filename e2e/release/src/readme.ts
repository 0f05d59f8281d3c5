/** The instructions in a package's README. */
export interface Readme {
  /** The packages that it installs. */
  readonly packages: readonly string[];
  readonly examples: readonly Example[];
}

export interface Example {
  /** `ts` or `js`. */
  readonly language: string;
  readonly code: string;
}

export function parseReadme(text: string): Readme {
  const lines = [...text.matchAll(/^npm install (.+)$/gm)].map(([, line = ""]) => line);
  const packages = lines.flatMap((line) => line.split(" ")).filter((word) => !word.startsWith("-"));
  const blocks = text.matchAll(/^```(ts|js)\n(.+?)^```/gms);
  return { packages, examples: Array.from(blocks, ([, language = "", code = ""]) => ({ language, code })) };
}

/**
 * How an example's output differs from the comments behind its `console.log` calls; null if it does not. An ellipsis
 * matches anything; line breaks and quote style of printed objects are ignored.
 */
export function broken({ code }: Example, printed: string): string | null {
  const calls = [...code.matchAll(/console\.log\(.+\);(?: \/\/ (.+))?$/gm)];
  const promised = calls.map(([, said = "…"]) => said).join("\n");
  const pattern = plain(promised).split("…").map(literal).join(".*");
  return new RegExp(`^${pattern}$`, "s").test(plain(printed))
    ? null
    : `printed\n${printed}\nnot\n${promised}`;
}

const literal = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

const plain = (text: string) => text.replaceAll("'", '"').replaceAll(/\s+/g, " ").trim();
