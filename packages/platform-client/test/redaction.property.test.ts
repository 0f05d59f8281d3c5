import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor, printable } from "../src/index.ts";
import { numRuns } from "./support/runs.ts";

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const token = fc.string({ unit: fc.constantFrom(...BASE64URL), minLength: 43, maxLength: 43 });

const ESC = "\u001b";
const each = (write: (character: string, code: number) => string) => (text: string) =>
  [...text].map((character) => write(character, character.charCodeAt(0))).join("");
const hex = (code: number, digits: number) => code.toString(16).padStart(digits, "0");
const percent = (character: string) => Buffer.from(character).toString("hex").replace(/../g, "%$&");
const between = (separator: string) => (text: string) => [...text].join(separator);
const times = (count: number, encode: (text: string) => string) => (text: string) =>
  Array.from({ length: count }).reduce<string>((before) => encode(before), text);
const base64 = (text: string) => Buffer.from(text).toString("base64");
const inTheMiddle = (separator: string) => (text: string) =>
  text.slice(0, text.length / 2) + separator + text.slice(text.length / 2);

/** Ways to write a token that a person, or a terminal, can still read. */
const SPELLINGS: Readonly<Record<string, (text: string) => string>> = {
  "as it is": (text) => text,
  "in capitals": (text) => text.toUpperCase(),
  "in small letters": (text) => text.toLowerCase(),
  "percent-encoded": each(percent),
  "percent-encoded five times": (text) => times(4, encodeURIComponent)(each(percent)(text)),
  "percent-encoded, each character too long": each(
    (_, code) => `%${hex(0xc0 + (code >> 6), 2)}%${hex(0x80 + (code & 0x3f), 2)}`,
  ),
  "percent-encoded in part": each((character, code) => (code % 3 === 0 ? percent(character) : character)),
  "as JSON escapes": each((_, code) => `\\u${hex(code, 4)}`),
  "as JSON escapes in part": each((character, code) => (code % 2 === 0 ? `\\u${hex(code, 4)}` : character)),
  "as JSON escapes in JSON, five times": (text) =>
    times(5, JSON.stringify)(each((_, code) => `\\u${hex(code, 4)}`)(text)),
  "as hex escapes": each((character, code) => (code < 0x100 ? `\\x${hex(code, 2)}` : character)),
  "as HTML": each((_, code) => `&#x${hex(code, 2)};`),
  "as HTML of HTML, five times": (text) =>
    times(5, (html) => html.replaceAll("&", "&amp;"))(each((_, code) => `&#${code};`)(text)),
  "as decimal HTML": each((_, code) => `&#${code};`),
  "in full-width letters": each((character, code) =>
    code > 0x20 && code < 0x7f ? String.fromCharCode(code + 0xfee0) : character,
  ),
  "in Cyrillic letters that look the same": each(
    (character) =>
      ({ a: "а", B: "В", c: "с", e: "е", M: "М", o: "о", p: "р", x: "х" })[character] ?? character,
  ),
  "in Greek letters that look the same": each(
    (character) => ({ A: "Α", E: "Ε", I: "Ι", o: "ο", T: "Τ", Z: "Ζ" })[character] ?? character,
  ),
  "with accents": each((character) => ({ a: "á", e: "ê", c: "ç", n: "ñ", U: "Ü" })[character] ?? character),
  "in squares": each((character, code) =>
    /[a-z]/i.test(character) ? String.fromCodePoint(0x1f170 + (code % 32) - 1) : character,
  ),
  backwards: (text) => [...text].reverse().join(""),
  "backwards, percent-encoded": (text) => each(percent)([...text].reverse().join("")),
  "with marks": between("\u0336"),
  "with zero-width spaces": between("\u200b"),
  "with soft hyphens": between("\u00ad"),
  "with direction marks": between("\u202e"),
  "with dots": between("."),
  "with spaces": between(" "),
  "with line breaks": between("\n"),
  "with NULs": between("\0"),
  "split by a colour": inTheMiddle(`${ESC}[31m`),
  "split by a C1 sequence": inTheMiddle("\u009b0m"),
  "split by a title": inTheMiddle(`${ESC}]0;title\u0007`),
  "in a title": (text) => `${ESC}]0;${text}\u0007`,
  "in a link": (text) => `${ESC}]8;;https://p.example/${text}${ESC}\\it${ESC}]8;;${ESC}\\`,
  "in a title as JSON escapes": (text) => `\\u001b]0;${text}\\u0007`,
  "in a C1 sequence": (text) => `\u0090${text}\u009c`,
  "in the bytes of a colour": (text) => `${ESC}[${[...Buffer.from(text)].join(";")}m`,
  "split by a quote": inTheMiddle('","'),
  "split by words": inTheMiddle(" and "),
  "split by backspaces": inTheMiddle("\b\u007f"),
  "in base64": (text) => base64(`Bearer ${text}`),
  "in base64 of base64": times(2, base64),
  "in base64 of base64 of base64": times(3, base64),
  "in hex of base64": (text) => Buffer.from(base64(text)).toString("hex"),
  "in base64 of hex": (text) => base64(Buffer.from(text).toString("hex")),
  "in base64url": (text) => Buffer.from(`x${text}`).toString("base64url"),
  "in hex": (text) => Buffer.from(text).toString("hex"),
  "as HTML with zeros": each((_, code) => `&#x0000000${hex(code, 2)};`),
  "as code points": each((_, code) => `\\u{0000${hex(code, 4)}}`),
  "as long escapes": each((_, code) => `\\U${hex(code, 8)}`),
  "as octal escapes": each((character, code) => (code < 0x80 ? `\\${code.toString(8)}` : character)),
  "as escapes of a URL": each((_, code) => `%u${hex(code, 4)}`),
  "as flags": each((character, code) =>
    /[a-z]/i.test(character) ? String.fromCodePoint(0x1f1e6 + (code % 32) - 1) : character,
  ),
  "with tags": (text) => `<b>${[...text].join("</b><b>")}</b>`,
  "with comments": between("<!-- -->"),
  "with words of HTML": between("&ZeroWidthSpace;"),
  "with escapes as they are typed": between("\\e[0m"),
  "with escapes as they are shown": between("^[[31m"),
  "with octal escapes": between("\\033[0m"),
  "in quoted-printable": each((character, code) => (code < 0x100 ? `=${hex(code, 2)}` : character)),
  "in bytes": (text) => JSON.stringify(Buffer.from(text)),
  "in hex bytes": (text) => [...Buffer.from(text)].map((code) => hex(code, 2)).join(":"),
  "in 0x bytes": (text) => [...Buffer.from(text)].map((code) => `0x${hex(code, 2)}`).join(", "),
  "after Bearer": (text) => `Bearer ${text}`,
  "as a host": (text) => `https://${text.toLowerCase()}.example/`,
};
const names = Object.keys(SPELLINGS);
/** Read in a specific way, which combining with another one breaks. */
const combined = names.filter(
  (name) =>
    !/flags|tags|comments|words of|as they are|octal|quoted|bytes|times|too long|look the same|accents|squares|backwards| of (base64|hex)/.test(
      name,
    ),
);
/** Escapes with characters inside them cannot be read, nor can base64 that was encoded before or whose case changed. */
const isEscaped = (name: string) => /^(percent|as .*(escapes|HTML|points))/.test(name);
const splitsAll = (name: string) => /^with (dots|marks)/.test(name);
const splits = (name: string) => /^(with|split)/.test(name);
const isEncoding = (name: string) => /^in (base64|hex)/.test(name);
const changesCase = (name: string) => /letters|capitals|host/.test(name);
const spellings = fc
  .tuple(fc.constantFrom(...combined), fc.option(fc.constantFrom(...combined), { nil: "as it is" }))
  .filter(([first, second]) => !(isEscaped(first) && splitsAll(second)))
  .filter(
    ([first, second]) =>
      !isEncoding(second) && !(isEncoding(first) && (changesCase(second) || splits(second))),
  );
const spelled = (text: string, names: readonly string[]) =>
  names.reduce((before, name) => (SPELLINGS[name] ?? ((same: string) => same))(before), text);

/** Surrounding text that contains nothing of the token. */
const words = fc.string({ unit: fc.constantFrom(..." abc%\\&;\"'{}[]:,./\u00e9\u200b\n"), maxLength: 40 });

const letters = (text: string) => text.replace(/[^a-z0-9]/gi, "").toLowerCase();

/** Whether the token, or most of its written form, is still there. */
function shows(printed: string, secret: string, written: string): boolean {
  const half = Math.ceil(written.length / 2);
  for (let from = 0; from + half <= written.length; from += 1) {
    if (printed.includes(written.slice(from, from + half))) return true;
  }
  return letters(stripVTControlCharacters(printed).normalize("NFKC")).includes(letters(secret).slice(0, 16));
}

type Print = (text: string, secret: string) => string;

const hides = (print: Print) =>
  fc.property(token, spellings, words, words, (secret, chosen, before, after) => {
    const written = spelled(secret, chosen);
    expect(shows(print(`${before} ${written} ${after}`, secret), secret, written)).toBe(false);
  });

const redacted: Print = (text, secret) =>
  createRedactor(["of-another-workspace-0123456789", secret]).redact(text);
const printed: Print = (text, secret) => printable(text, { secrets: [secret], maxLength: 10_000 });

describe("a token in text from outside", () => {
  it.each(names)("is not printed: %s", (name) => {
    const secret = "Ab3dEf_hIj-lMn0pQrStUvWxYz1234567890abcdefg";
    const written = spelled(secret, [name]);
    const line = JSON.stringify({ level: 40, msg: `503 bad ${written}, sorry` });
    for (const print of [redacted, printed]) {
      expect(shows(print(`503 bad ${written}, sorry`, secret), secret, written)).toBe(false);
      expect(shows(print(line, secret), secret, JSON.stringify(written).slice(1, -1))).toBe(false);
    }
    expect(JSON.parse(redacted(line, secret))).toMatchObject({ level: 40 });
  });

  it("is not printed, for any combination of one or two of these", () => {
    fc.assert(hides(redacted), { numRuns });
    fc.assert(hides(printed), { numRuns });
  }, 120_000);

  it("is detected in the output of a program that redacts before it removes invisible characters", () => {
    const tooEarly: Print = (text, secret) => printable(text.replaceAll(secret, "…"), { maxLength: 10_000 });
    expect(fc.check(hides(tooEarly), { numRuns }).failed).toBe(true);
  });

  it("does not change text without one", () => {
    fc.assert(
      fc.property(token, fc.string({ unit: "binary", maxLength: 200 }), (secret, text) => {
        expect(redacted(text, secret)).toBe(text);
      }),
      { numRuns },
    );
  }, 120_000);
});
