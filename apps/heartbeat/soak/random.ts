/** Like `Math.random`, from 0 inclusive to 1 exclusive, but the same sequence for the same seed (mulberry32). */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = Math.trunc(seed);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const between = (random: Random, low: number, high: number): number => low + (high - low) * random();

/** Most values near `low`, few near `high`: each factor of two is equally likely. */
export const betweenLog = (random: Random, low: number, high: number): number =>
  low * (high / low) ** random();

/** Time until the next of events that are `mean` apart on average and independent of each other. */
export const untilNext = (random: Random, mean: number): number => -mean * Math.log(1 - random());

export function pick<T>(random: Random, choices: readonly [T, ...T[]]): T {
  return choices[Math.floor(random() * choices.length)] ?? choices[0];
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** 43 characters, like the platform's tokens; a flat string, as if received over the network. */
export function randomToken(random: Random): string {
  return Array.from({ length: 43 }, () => ALPHABET[Math.floor(random() * ALPHABET.length)]).join("");
}
