import net, { type AddressInfo, type Socket } from "node:net";

export type RawServer = Awaited<ReturnType<typeof openRawServer>>;

/**
 * A server that only detects the end of a request, so that it sees the raw bytes.
 *
 * @param answer receives the head of each request, each byte as Latin-1, and the whole of it; connections that it leaves
 *   open stay open
 */
export async function openRawServer(answer: (head: string, socket: Socket, request: string) => void) {
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    let pending = "";
    sockets.add(socket);
    socket.setEncoding("latin1");
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.on("data", (chunk: string) => {
      pending += chunk;
      for (;;) {
        const end = pending.indexOf("\r\n\r\n");
        if (end < 0) return;
        const head = pending.slice(0, end);
        const size = Number(/^content-length: *(\d+)$/im.exec(head)?.[1] ?? 0);
        if (pending.length < end + 4 + size) return;
        const request = pending.slice(0, end + 4 + size);
        pending = pending.slice(request.length);
        answer(head, socket, request);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    /** `http://127.0.0.1:<port>` */
    origin: `http://127.0.0.1:${port}`,
    port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
