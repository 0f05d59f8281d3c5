import { type Replacement, type Revealed, rewrite } from "./revealed.ts";

/** Another way to read a text. One may destroy what another finds, so each is tried separately. */
interface Reading {
  /** Matches texts that are worth reading this way. */
  readonly sign: RegExp;
  readonly pattern: RegExp;
  readonly put: Replacement;
}

const fromCode = (radix: number): Replacement => {
  return ([, code = ""]) => (code === "" ? "" : String.fromCharCode(Number.parseInt(code, radix)));
};

const READINGS: readonly Reading[] = [
  // HTML: tags and comments between the characters.
  { sign: /<[^<>]*>/, pattern: /<!--[\s\S]{0,500}?-->|<[^<>]*>/g, put: () => "" },
  // HTML: names of characters between the characters.
  { sign: /&[a-z][a-z0-9]{1,31};/i, pattern: /&[a-z][a-z0-9]{1,31};/gi, put: () => "" },
  // Quoted-printable (RFC 2045, section 6.7), with its soft line breaks.
  { sign: /=(?:[0-9a-f]{2}|\s)/i, pattern: /=([0-9a-f]{2})|=\s+/gi, put: fromCode(16) },
  // Bytes in hex, with something between them.
  {
    sign: /(?:[0-9a-f]{2}[\s:,;.-]+(?:0x)?){11}/i,
    pattern: /(?<![0-9a-f])(?:0x)?([0-9a-f]{2})(?![0-9a-f])/gi,
    put: fromCode(16),
  },
  // Bytes in decimal: as JSON has a Buffer.
  { sign: /(?:\d{2,3}[\s,;]+){11}/, pattern: /(?<!\d)(\d{2,3})(?!\d)/g, put: fromCode(10) },
];

/** Whether a text may contain more than it shows. */
export const isReadOtherwise = (text: string): boolean => READINGS.some(({ sign }) => sign.test(text));

/** The other readings of a text; for most texts none. */
export function readings(view: Revealed): Revealed[] {
  return READINGS.filter(({ sign }) => sign.test(view.text)).map(({ pattern, put }) =>
    rewrite(view, pattern, put),
  );
}
