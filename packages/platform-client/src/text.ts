import { copyOf } from "./json.ts";
import { plain } from "./plain.ts";
import { createRedactor } from "./redactor.ts";
import { ESCAPES, INVISIBLE } from "./revealed.ts";

const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const CONTROLS_BUT_LINES = /[^\P{Cc}\n\t]+/gu;

/** How to sanitize text from the network. */
export interface PrintableOptions {
  /** Tokens to redact. */
  readonly secrets?: readonly string[];
  /** In UTF-16 units, including the ellipsis of a truncated text. @default 200 */
  readonly maxLength?: number;
  /** `keep`: preserves line breaks and tabs. @default "join" */
  readonly lines?: "join" | "keep";
}

/**
 * Sanitizes text from the network for printing: removes escape sequences, control and zero-width characters, and the
 * given tokens in any form that a {@link Redactor} recognizes. Redacts last, on the final text.
 *
 * @example
 * printable("no such token: \u001b[1mabc…", { secrets: [token] });
 */
export function printable(text: string, options: PrintableOptions = {}): string {
  const { secrets = [], maxLength = 200, lines = "join" } = plain(options);
  const longest = secrets.reduce((most, secret) => Math.max(most, secret.length), 0);
  const readLength = 1024 + 4 * (maxLength + longest);
  const unwanted = lines === "join" ? CONTROLS : CONTROLS_BUT_LINES;
  const cleaned = text
    .slice(0, readLength)
    .replace(ESCAPES, "")
    .replace(INVISIBLE, "")
    .replace(unwanted, " ")
    .trim();
  const redacted = createRedactor(secrets).redact(cleaned);
  const shown = redacted.length > maxLength ? `${redacted.slice(0, maxLength - 1)}…` : redacted;
  // Every workspace may keep a failure: copy it, so that it does not keep the whole text in memory.
  return text.length > readLength ? copyOf(shown) : shown;
}

/** Text in a URL. Half a character becomes a replacement character, as everywhere in UTF-8. */
export const urlEncoded = (text: string | number): string =>
  encodeURIComponent(String(text).replace(/\p{Cs}/gu, "\ufffd"));
