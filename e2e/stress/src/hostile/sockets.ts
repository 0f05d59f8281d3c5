import net from "node:net";

/** The data received on a connection. */
export interface Received {
  /** As Latin-1, at most the first megabyte. */
  readonly text: string;
  readonly bytes: number;
  /** False if neither side had closed it by the timeout. */
  readonly closed: boolean;
  readonly ms: number;
}

export interface Talk {
  readonly port: number;
  readonly host?: string;
  /** Writes the request. */
  readonly say: (socket: net.Socket) => void;
  readonly withinMs: number;
  /** Stops writing after this time without a response; by default, never. */
  readonly endAfterMs?: number;
}

const KEPT = 1_024 * 1_024;

/** Exchanges data with a server until one side closes the connection or the timeout expires. */
export function talk({ port, host = "127.0.0.1", say, withinMs, endAfterMs }: Talk): Promise<Received> {
  return new Promise((resolve) => {
    const began = performance.now();
    let text = "";
    let bytes = 0;
    const socket = net.connect({ port, host, allowHalfOpen: false });
    if (endAfterMs !== undefined) socket.setTimeout(endAfterMs, () => socket.end());
    const settle = (closed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, bytes, closed, ms: performance.now() - began });
    };
    const timer = setTimeout(() => settle(false), withinMs);
    socket.setEncoding("latin1");
    socket.on("connect", () => say(socket));
    socket.on("data", (chunk: string) => {
      bytes += chunk.length;
      if (text.length < KEPT) text += chunk;
    });
    // A reset counts as a closed connection.
    socket.on("error", () => {});
    socket.on("close", () => settle(true));
  });
}

/** The statuses of consecutive answers; `null` if there is anything else in between. */
export function statusesIn(text: string): number[] | null {
  const statuses: number[] = [];
  let rest = text;
  while (rest !== "") {
    const end = rest.indexOf("\r\n\r\n");
    const [, status = "", ...more] = /^HTTP\/1\.1 (\d{3}) [ -~]*\r\n/.exec(rest) ?? [];
    if (end < 0 || status === "" || more.length > 0) return null;
    statuses.push(Number(status));
    rest = rest.slice(end + 4 + bodyLength(rest.slice(0, end), rest.slice(end + 4)));
  }
  return statuses;
}

function bodyLength(head: string, rest: string): number {
  // The answer to a HEAD has the length of a body that is not sent.
  if (rest.startsWith("HTTP/1.1 ")) return 0;
  const lastChunk = "0\r\n\r\n";
  if (/^transfer-encoding: *chunked$/im.test(head)) return rest.indexOf(lastChunk) + lastChunk.length;
  return Number(/^content-length: *(\d+)$/im.exec(head)?.[1] ?? 0);
}
