/** Prints a long text in pieces: redacting all of it at once takes a hundred times its size in memory. */
export function printLines(text: string): void {
  for (const line of text.split("\n")) console.log(line);
}
