/** @example counted(1, "line"); // "1 line" */
export const counted = (count: number, noun: string): string => `${count} ${count === 1 ? noun : `${noun}s`}`;
