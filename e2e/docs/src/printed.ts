/**
 * How an example's output differs from the comments behind its `console.log` calls; null if it does not. An ellipsis
 * matches anything; line breaks and quote style of printed objects are ignored.
 */
export function broken(code: string, printed: string): string | null {
  const calls = [...code.matchAll(/console\.log\(.+\);(?: \/\/ (.+))?$/gm)];
  const promised = calls.map(([, said = "…"]) => said).join("\n");
  const pattern = plain(promised).split("…").map(literal).join(".*");
  return new RegExp(`^${pattern}$`, "s").test(plain(printed))
    ? null
    : `printed\n${printed}\nnot\n${promised}`;
}

const literal = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

const plain = (text: string) => text.replaceAll("'", '"').replaceAll(/\s+/g, " ").trim();
