/** What `read` makes of the command line; if it throws, prints why with the usage and exits. */
export function flagsOrExit<Flags>(read: () => Flags, usage: string): Flags {
  try {
    return read();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exit(2);
  }
}

export function wholeNumber(flag: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Error(`--${flag} must be a whole number from 1 to 999999`);
}
