import net, { type AddressInfo, type Socket } from "node:net";

/** What an agent's runtime asks for. */
export type Asked = "register" | "beat" | "update-card" | "look-up" | "delegations" | "message" | "health";

/** A request that arrived. */
export interface Heard {
  readonly asked: Asked;
  /** Latin-1, without the empty line at its end. */
  readonly head: string;
}

/** A platform that writes whatever it is told to, HTTP or not. */
export interface RawPlatform {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly port: number;
  close(): void;
}

/** @param answer writes to the socket; what it leaves open stays open */
export async function openRawPlatform(answer: (heard: Heard, socket: Socket) => void): Promise<RawPlatform> {
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    let pending = "";
    sockets.add(socket);
    socket.setEncoding("latin1");
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.on("data", (chunk: string) => {
      pending += chunk;
      const end = pending.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = pending.slice(0, end);
      const size = Number(/^content-length: *(\d+)$/im.exec(head)?.[1] ?? 0);
      if (pending.length < end + 4 + size) return;
      pending = pending.slice(end + 4 + size);
      answer({ asked: askedIn(head), head }, socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function askedIn(head: string): Asked {
  const [, path = ""] = head.split(" ", 2);
  if (path.endsWith("/registry/register")) return "register";
  if (path.endsWith("/registry/heartbeat")) return "beat";
  if (path.endsWith("/registry/update-card")) return "update-card";
  if (path.endsWith("/delegations")) return "delegations";
  if (path.endsWith("/a2a")) return "message";
  return path.endsWith("/health") ? "health" : "look-up";
}

/** A well-formed answer, after which the connection is closed. */
export function json(status: number, body: unknown, more = ""): string {
  const text = JSON.stringify(body);
  return `HTTP/1.1 ${status} X\r\nContent-Type: application/json\r\n${more}Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`;
}
