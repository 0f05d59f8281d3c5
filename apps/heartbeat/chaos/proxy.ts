import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** One runner's connection to the database. It can fall silent: packets vanish and neither end gets an error. */
export type Connection = Awaited<ReturnType<typeof startProxy>>;

/** @param target port on loopback, evaluated for each connection */
export async function startProxy(target: () => number) {
  const sockets = new Set<Socket>();
  const waiting = new Set<Socket>();
  let isSilent = false;
  const join = (from: Socket) => {
    const to = connect(target(), "127.0.0.1");
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(one);
      one.on("data", (chunk) => {
        if (!other.write(chunk)) one.pause();
      });
      other.on("drain", () => {
        if (!isSilent) one.resume();
      });
      one.on("error", () => {});
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  };
  const server = createServer((socket) => {
    if (!isSilent) return join(socket);
    waiting.add(socket);
    socket.on("error", () => {}).on("close", () => waiting.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    silence() {
      isSilent = true;
      for (const socket of sockets) socket.pause();
    },
    restore() {
      isSilent = false;
      for (const socket of sockets) socket.resume();
      for (const socket of waiting) join(socket);
      waiting.clear();
    },
    async close() {
      for (const socket of [...sockets, ...waiting]) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
