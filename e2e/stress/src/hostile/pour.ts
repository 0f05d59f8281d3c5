import type { Socket } from "node:net";

const BLOCK = 64 * 1_024;

/**
 * Writes a prefix, then a repeated chunk as fast as the peer accepts it, until the peer closes the connection or
 * `bytes` are written.
 */
export function pour(socket: Socket, head: string, piece: string, bytes = Number.POSITIVE_INFINITY): void {
  const block = Buffer.from(piece.repeat(Math.ceil(BLOCK / piece.length)));
  const goOn = () => {
    while (!socket.destroyed && socket.bytesWritten < bytes) {
      if (!socket.write(block)) return;
    }
    socket.end();
  };
  socket.on("drain", goOn);
  socket.write(head);
  goOn();
}

/** Writes a prefix, then one piece at intervals for as long as the connection is open. */
export function drip(socket: Socket, head: string, piece: string, everyMs = 300): void {
  socket.write(head);
  const timer = setInterval(() => socket.write(piece), everyMs);
  socket.once("close", () => clearInterval(timer));
}
