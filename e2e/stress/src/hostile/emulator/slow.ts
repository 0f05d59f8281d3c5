import type { Socket } from "node:net";
import type { Tally } from "../../report/finding.ts";
import { drip } from "../pour.ts";
import { talk } from "../sockets.ts";

/** The emulator allows a client 2 s for the headers and 10 s in total; it checks twice a second. */
const CLOSED_WITHIN_MS = 12_500;
const POST = "POST /registry/register HTTP/1.1\r\nHost: localhost\r\n";

/** Ways to hold a connection open for as long as possible. */
const WAYS: Readonly<Record<string, (socket: Socket) => void>> = {
  silent: () => {},
  "headers, one at a time": (socket) => drip(socket, POST, "X-Slow: 1\r\n"),
  "one header, byte by byte": (socket) => drip(socket, `${POST}X-Slow: `, "a"),
  "a body, byte by byte": (socket) => drip(socket, `${POST}Content-Length: 100000\r\n\r\n`, "["),
  "chunks, byte by byte": (socket) => drip(socket, `${POST}Transfer-Encoding: chunked\r\n\r\n`, "1\r\n[\r\n"),
  "a body that never arrives": (socket) => void socket.write(`${POST}Content-Length: 5\r\n\r\n`),
};

/** @param connections of each kind, concurrently */
export async function beSlow(port: number, connections: number, tally: Tally): Promise<void> {
  await Promise.all(
    Object.entries(WAYS).flatMap(([what, say]) =>
      Array.from({ length: connections }, async () => {
        const { closed } = await talk({ port, say, withinMs: CLOSED_WITHIN_MS });
        tally.add(closed ? null : what);
      }),
    ),
  );
}
