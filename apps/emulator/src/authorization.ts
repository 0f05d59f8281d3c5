import { digest } from "./tokens.ts";

/** What an `Authorization` header presents. The token itself goes no further than the reading of it. */
export interface Presented {
  readonly scheme: string;
  readonly digest: Buffer;
}

/** Reads an `Authorization` header; null when there is none. */
export function readAuthorization(header: string | undefined): Presented | null {
  if (header === undefined) return null;
  const space = header.indexOf(" ");
  if (space < 0) return { scheme: "", digest: digest(header) };
  return { scheme: header.slice(0, space), digest: digest(header.slice(space + 1).trim()) };
}

const NOTHING = digest("");

/** `Bearer` with a token; the scheme's case matters to the server. */
export function isBearer(presented: Presented | null): presented is Presented {
  return presented !== null && presented.scheme === "Bearer" && !presented.digest.equals(NOTHING);
}
