import { digest } from "./tokens.ts";

/** A parsed `Authorization` header. Only the token's digest is kept. */
export interface Presented {
  readonly scheme: string;
  readonly digest: Buffer;
}

/** Parses an `Authorization` header; null if there is none. */
export function readAuthorization(header: string | undefined): Presented | null {
  if (header === undefined) return null;
  const space = header.indexOf(" ");
  if (space < 0) return { scheme: "", digest: digest(header) };
  return { scheme: header.slice(0, space), digest: digest(header.slice(space + 1).trim()) };
}

const NOTHING = digest("");

/** `Bearer` with a token; the server is case-sensitive about the scheme. */
export function isBearer(presented: Presented | null): presented is Presented {
  return presented !== null && presented.scheme === "Bearer" && !presented.digest.equals(NOTHING);
}
