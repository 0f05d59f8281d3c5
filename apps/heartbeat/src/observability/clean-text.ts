import { stripVTControlCharacters } from "node:util";

/**
 * Makes text from elsewhere safe for a terminal: removes escape sequences and other control characters,
 * also those that turn the direction of writing. Line breaks and tabs stay, unless it has to fit into one line.
 */
export function cleanText(text: string, lines: "one-line" | "any-lines" = "any-lines"): string {
  const unwanted =
    lines === "one-line"
      ? /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu
      : /(?:[^\P{Cc}\n\t]|\p{Bidi_Control})+/gu;
  return stripVTControlCharacters(text).replace(unwanted, " ");
}
