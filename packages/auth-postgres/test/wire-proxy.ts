import { once } from "node:events";
import { createServer, connect as dial, type Server, type Socket } from "node:net";

/** A network between a client and a PostgreSQL server, with fault injection. */
export class WireProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Drops all data without closing connections. */
  isSilent = false;
  /** Drops notifications, like a pooler in transaction mode. */
  dropsAnnouncements = false;
  connections = 0;

  private constructor(target: number) {
    this.#server = createServer((near) => {
      this.connections += 1;
      const far = dial(target, "127.0.0.1");
      const filter = new Announcements();
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => this.#sockets.delete(socket));
      }
      near.on("data", (chunk) => void (this.isSilent || far.write(chunk)));
      far.on("data", (chunk) => {
        if (this.isSilent) return;
        near.write(this.dropsAnnouncements ? filter.without(chunk) : chunk);
      });
      near.on("close", () => void (this.isSilent || far.destroy()));
      far.on("close", () => void (this.isSilent || near.destroy()));
    });
  }

  static async to(url: string): Promise<WireProxy> {
    const proxy = new WireProxy(Number(new URL(url).port));
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** The server's URL through this proxy. */
  through(url: string): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy is not listening");
    return Object.assign(new URL(url), { port: String(address.port) }).href;
  }

  /** Breaks every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, "close");
  }
}

/** Removes messages of type `A` from the server's stream. */
class Announcements {
  #rest = Buffer.alloc(0);

  without(chunk: Buffer): Buffer {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const passing: Buffer[] = [];
    while (this.#rest.length >= 5) {
      const length = 1 + this.#rest.readUInt32BE(1);
      if (this.#rest.length < length) break;
      if (this.#rest[0] !== "A".charCodeAt(0)) passing.push(this.#rest.subarray(0, length));
      this.#rest = this.#rest.subarray(length);
    }
    return Buffer.concat(passing);
  }
}
