import type { Socket } from "node:net";
import type { Tally } from "../../report/finding.ts";
import { pour } from "../pour.ts";
import { talk } from "../sockets.ts";
import { checkResponse } from "./malformed.ts";

const MEGABYTE = 1_024 * 1_024;
const POST = "POST /registry/register HTTP/1.1\r\nHost: localhost\r\n";

/** Oversized requests. The server must answer each or close the connection. */
const FLOODS: Readonly<Record<string, (socket: Socket) => void>> = {
  "a header of 16 MB": (socket) =>
    pour(socket, "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: ", "a", 16 * MEGABYTE),
  "a path of 16 MB": (socket) => pour(socket, "GET /", "a", 16 * MEGABYTE),
  "endless headers": (socket) =>
    pour(socket, "GET /health HTTP/1.1\r\n", "X-More: and more\r\n", 64 * MEGABYTE),
  "a body of 128 MB": (socket) =>
    pour(socket, `${POST}Content-Length: ${128 * MEGABYTE}\r\n\r\n`, "[", 128 * MEGABYTE),
  "endless chunks": (socket) =>
    pour(
      socket,
      `${POST}Transfer-Encoding: chunked\r\n\r\n`,
      `1000\r\n${"x".repeat(0x1000)}\r\n`,
      512 * MEGABYTE,
    ),
  "endless chunk extensions": (socket) =>
    pour(socket, `${POST}Transfer-Encoding: chunked\r\n\r\n1;`, "extension=1;", 64 * MEGABYTE),
  "endless trailers": (socket) =>
    pour(socket, `${POST}Transfer-Encoding: chunked\r\n\r\n0\r\n`, "X-Trailer: and more\r\n", 64 * MEGABYTE),
  "pipelined requests without reading the answers": (socket) => {
    socket.pause();
    pour(socket, "", "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n", 2 * MEGABYTE);
  },
};

/** The attack that never reads ends only when the server closes the connection. */
const TIMEOUT_MS = 12_000;

export async function sendOversized(port: number, tally: Tally): Promise<void> {
  await Promise.all(
    Object.entries(FLOODS).map(async ([what, say]) => {
      const { text } = await talk({ port, say, withinMs: TIMEOUT_MS });
      const wrong = checkResponse(text);
      tally.add(wrong === null ? null : `${what}: ${wrong}`);
    }),
  );
}
