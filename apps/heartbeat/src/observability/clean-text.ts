import { stripVTControlCharacters } from "node:util";

/**
 * Makes text from elsewhere safe for a terminal: removes escape sequences and other control characters, including those
 * that reverse the direction of writing. Keeps line breaks and tabs unless the text must fit on one line.
 */
export function cleanText(text: string, lines: "one-line" | "any-lines" = "any-lines"): string {
  const unwanted =
    lines === "one-line"
      ? /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu
      : /(?:[^\P{Cc}\n\t]|\p{Bidi_Control})+/gu;
  return stripVTControlCharacters(text).replace(unwanted, " ");
}
