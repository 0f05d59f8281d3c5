import net, { type AddressInfo } from "node:net";

const ANSWER = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

/** A server that knows no HTTP beyond where a request ends, and so hides nothing of what was sent. */
export interface Wire {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** The heads of all requests that `send` led to, byte by byte as Latin-1. */
  heads(send: () => Promise<unknown>): Promise<string[]>;
  close(): void;
}

export async function openWire(): Promise<Wire> {
  let heads: string[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    let pending = "";
    sockets.add(socket);
    socket.setEncoding("latin1");
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      pending += chunk;
      for (;;) {
        const end = pending.indexOf("\r\n\r\n");
        if (end < 0) return;
        const head = pending.slice(0, end);
        const size = Number(/^content-length: *(\d+)$/im.exec(head)?.[1] ?? 0);
        if (pending.length < end + 4 + size) return;
        pending = pending.slice(end + 4 + size);
        heads.push(head);
        socket.write(ANSWER);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async heads(send) {
      heads = [];
      await send();
      return heads;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** What `fetch` and the runner's client say of themselves. */
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
 * What is wrong with what was sent; `null` when it is one request, made of printable ASCII, with exactly the headers
 * that are to be there, and none of its own but those that each request has.
 *
 * @param wanted the headers that are ours, by name in lower case
 */
export function wrongWith(heads: readonly string[], wanted: Readonly<Record<string, string>>): string | null {
  const [head = "", more] = heads;
  if (more !== undefined) return "one request became two";
  const [first = "", ...lines] = head.split("\r\n");
  if (!/^(GET|POST) \/[!-~]* HTTP\/1\.1$/.test(first)) return "a first line that is none";
  const left = new Map(Object.entries(wanted));
  for (const line of lines) {
    const [, name = "", value = ""] = /^([!-9;-~]+): ?([ -~]*)$/.exec(line) ?? [];
    if (name === "") return "a line that is no header";
    const known = name.toLowerCase();
    if (left.has(known)) {
      if (left.get(known) !== value) return `another ${known} than was asked for`;
      left.delete(known);
    } else if (!USUAL.has(known)) return "a header that nobody asked for";
  }
  const [missing] = left.keys();
  return missing === undefined ? null : `no ${missing}`;
}
