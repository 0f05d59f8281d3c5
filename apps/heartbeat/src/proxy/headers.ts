import type { IncomingHttpHeaders } from "node:http";
import type { AuthHeaders } from "@x/auth-core";

type Fields = Record<string, string | string[]>;

/** Hop-by-hop headers (RFC 9110, section 7.6.1), and headers that this side sets itself. */
const HOP_BY_HOP = [
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/**
 * Only the proxy may identify the client; `accept-encoding`, because a compressed answer cannot be searched for the
 * token.
 */
const OWN_REQUEST = [
  "accept-encoding",
  "authorization",
  "content-length",
  "cookie",
  "forwarded",
  "host",
  "origin",
  "referer",
  "via",
  "x-molecule-org-id",
  "x-workspace-id",
];

/** Headers that would let a web page read the answer, or make a client store a credential. */
const OWN_RESPONSE = ["set-cookie", "www-authenticate", "proxy-status"];

/** With the last ones, some servers take another path or method than the one that was checked. */
const UNSAFE = /^(sec-|x-forwarded-|x-real-ip$|access-control-|x-(original|rewrite)-|x-(http-)?method)/;

const REQUEST = new Set([...HOP_BY_HOP, ...OWN_REQUEST]);
const RESPONSE = new Set([...HOP_BY_HOP, ...OWN_RESPONSE]);

/** The headers sent to the platform. */
export function requestHeaders(from: IncomingHttpHeaders, signed: AuthHeaders, userAgent: string): Fields {
  const kept = keep(from, REQUEST, UNSAFE);
  const length = from["content-length"];
  return {
    "user-agent": userAgent,
    ...kept,
    ...(length !== undefined && { "content-length": length }),
    "accept-encoding": "identity",
    ...signed,
  };
}

/** The headers sent back to the client. `clean` removes the token from a text. */
export function responseHeaders(from: IncomingHttpHeaders, clean: (text: string) => string): Fields {
  const kept = keep(from, RESPONSE, /^access-control-/);
  return Object.fromEntries(
    Object.entries(kept).map(([name, value]) => [
      name,
      typeof value === "string" ? clean(value) : value.map(clean),
    ]),
  );
}

/** Servers behind a gateway interface (CGI, WSGI) cannot tell `X_Workspace_ID` from `X-Workspace-ID`. */
function keep(from: IncomingHttpHeaders, dropped: ReadonlySet<string>, pattern: RegExp): Fields {
  const named = new Set(listOf(from.connection));
  const kept = Object.entries(from).flatMap(([name, value]) => {
    const read = name.replaceAll("_", "-");
    return value === undefined || dropped.has(read) || named.has(name) || pattern.test(read)
      ? []
      : [[name, value]];
  });
  return Object.fromEntries(kept);
}

/** A `Connection` header lists further hop-by-hop headers. */
const listOf = (value: string | undefined): string[] =>
  (value ?? "").split(",").map((name) => name.trim().toLowerCase());
