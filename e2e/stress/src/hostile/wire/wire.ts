import { openRawServer, type RawServer } from "../raw-server.ts";

const ANSWER = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

/** A server that records requests. */
export interface Wire extends Pick<RawServer, "origin" | "close"> {
  /** The heads of all requests that `send` caused, each byte as Latin-1. */
  heads(send: () => Promise<unknown>): Promise<string[]>;
}

export async function openWire(): Promise<Wire> {
  let heads: string[] = [];
  const { origin, close } = await openRawServer((head, socket) => {
    heads.push(head);
    socket.write(ANSWER);
  });
  return {
    origin,
    close,
    async heads(send) {
      heads = [];
      await send();
      return heads;
    },
  };
}

/** Default headers of `fetch` and the runner's client. */
const USUAL = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "connection",
  "content-length",
  "content-type",
  "host",
  "sec-fetch-mode",
  "user-agent",
]);

/**
 * What is wrong with the sent bytes; `null` if they are one request of printable ASCII with exactly the expected
 * headers, besides the defaults.
 *
 * @param wanted the expected headers, by lower-case name
 */
export function wrongWith(heads: readonly string[], wanted: Readonly<Record<string, string>>): string | null {
  const [head = "", more] = heads;
  if (more !== undefined) return "one request became two";
  const [first = "", ...lines] = head.split("\r\n");
  if (!/^(GET|POST) \/[!-~]* HTTP\/1\.1$/.test(first)) return "an invalid request line";
  const left = new Map(Object.entries(wanted));
  for (const line of lines) {
    const [, name = "", value = ""] = /^([!-9;-~]+): ?([ -~]*)$/.exec(line) ?? [];
    if (name === "") return "an invalid header";
    const known = name.toLowerCase();
    if (left.has(known)) {
      if (left.get(known) !== value) return `an unexpected ${known}`;
      left.delete(known);
    } else if (!USUAL.has(known)) return "an unexpected header";
  }
  const [missing] = left.keys();
  return missing === undefined ? null : `no ${missing}`;
}

/** What is wrong with any of several requests; see `wrongWith`. */
export const wrongWithAny = (
  requests: readonly (readonly string[])[],
  wanted: Readonly<Record<string, string>>,
): string | null => requests.map((heads) => wrongWith(heads, wanted)).find((wrong) => wrong !== null) ?? null;
