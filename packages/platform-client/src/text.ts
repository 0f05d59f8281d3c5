import { redactToken } from "@x/auth-core";
import { plain } from "./plain.ts";

const ESC = String.fromCharCode(0x1b);
const c1 = (code: number) => String.fromCharCode(code);

/** Strings to a terminal (OSC, DCS, SOS, PM, APC), ended or not; then CSI; then any other escape. ECMA-48, both forms. */
const ESCAPES = new RegExp(
  `(?:${ESC}[\\]PX^_]|[${c1(0x90)}${c1(0x98)}${c1(0x9d)}-${c1(0x9f)}])[^]*?(?:${c1(0x07)}|${ESC}\\\\|${c1(0x9c)}|$)` +
    `|(?:${ESC}\\[|${c1(0x9b)})[0-?]*[ -/]*[@-~]?` +
    `|${ESC}[ -/]*[0-~]?`,
  "g",
);
/** What takes no room on a screen: format characters (zero-width, bidi), fillers, variation selectors, lone surrogates. */
const INVISIBLE =
  /\p{Cf}|\p{Cs}|\u034f|[\u115f\u1160\u3164\uffa0]|[\u17b4\u17b5]|[\u180b-\u180f]|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/gu;
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const CONTROLS_BUT_LINES = /[^\P{Cc}\n\t]+/gu;

/** How text from the network is made fit to print. */
export interface PrintableOptions {
  /** Tokens that must not appear. */
  readonly secrets?: readonly string[];
  /** In UTF-16 units, the ellipsis of a cut text included. @default 200 */
  readonly maxLength?: number;
  /** `keep`: line breaks and tabs stay. @default "join" */
  readonly lines?: "join" | "keep";
}

/**
 * Text from the network, fit to print: without escape sequences, control and zero-width characters, and without the
 * given tokens in any letter case, percent-encoded, or split by spaces or by what was removed. Redacts last, on the text
 * that is printed.
 *
 * @example
 * printable("no such token: \u001b[1mabc…", { secrets: [token] });
 */
export function printable(text: string, options: PrintableOptions = {}): string {
  const { secrets = [], maxLength = 200, lines = "join" } = plain(options);
  const longest = secrets.reduce((most, secret) => Math.max(most, secret.length), 0);
  const readLength = 1024 + 4 * (maxLength + longest);
  const unwanted = lines === "join" ? CONTROLS : CONTROLS_BUT_LINES;
  let shown = text
    .slice(0, readLength)
    .replace(ESCAPES, "")
    .replace(INVISIBLE, "")
    .replace(unwanted, " ")
    .trim();
  for (const secret of secrets) shown = redact(shown, secret);
  return shown.length > maxLength ? `${shown.slice(0, maxLength - 1)}…` : shown;
}

/** A character of a text as it is compared, and which part of the text it stands for. */
interface Unit {
  readonly code: number;
  readonly start: number;
  readonly end: number;
}

/** A beginning of a token at the very end of a text is taken for a token that was cut. */
const SHORTEST_CUT_TOKEN = 8;

function redact(text: string, secret: string): string {
  const needle = String.fromCharCode(...unitsOf(secret).map(({ code }) => code));
  if (needle === "") return text;
  const units = decoded(decoded(unitsOf(text)));
  const haystack = units.map(({ code }) => String.fromCharCode(code)).join("");
  const shownAs = redactToken(secret);
  let shown = "";
  let position = 0;
  const replace = (from: number, to: number) => {
    shown += text.slice(position, units[from]?.start) + shownAs;
    position = units[to - 1]?.end ?? text.length;
  };
  let searched = 0;
  for (let found = haystack.indexOf(needle); found >= 0; found = haystack.indexOf(needle, searched)) {
    searched = found + needle.length;
    replace(found, searched);
  }
  const longestCut = Math.min(needle.length - 1, haystack.length - searched);
  for (let length = longestCut; length >= SHORTEST_CUT_TOKEN; length -= 1) {
    if (!haystack.endsWith(needle.slice(0, length))) continue;
    replace(haystack.length - length, haystack.length);
    break;
  }
  return shown + text.slice(position);
}

/** The text's characters in lower case, without white space. */
function unitsOf(text: string): Unit[] {
  const units: Unit[] = [];
  for (let start = 0; start < text.length; start += 1) {
    const code = text.charCodeAt(start);
    if (code > 0x20 && code !== 0xa0) units.push({ code: lowered(code), start, end: start + 1 });
  }
  return units;
}

/** With percent-encoded ASCII (RFC 3986, section 2.1) as the characters that it stands for. */
function decoded(units: readonly Unit[]): Unit[] {
  const result: Unit[] = [];
  for (let index = 0; index < units.length; index += 1) {
    const [unit, high, low] = [units[index], units[index + 1], units[index + 2]];
    if (unit === undefined) break;
    const code =
      unit.code === 0x25 && high && low ? hexDigit(high.code) * 16 + hexDigit(low.code) : Number.NaN;
    if (!low || !(code < 0x80)) {
      result.push(unit);
      continue;
    }
    if (code > 0x20) result.push({ code: lowered(code), start: unit.start, end: low.end });
    index += 2;
  }
  return result;
}

const lowered = (code: number) => (code >= 0x41 && code <= 0x5a ? code + 0x20 : code);

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : Number.NaN;
}
