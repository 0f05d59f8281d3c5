import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import pg from "pg";

/** Types of messages, as the protocol has them. */
const [READY, NOTIFICATION, QUERY, SYNC, TERMINATE] = ["Z", "A", "Q", "S", "X"] as const;
const SSL_REQUEST = 80_877_103;
const IDLE = "I";

const LEFT_BEHIND = `select name from pg_settings where source = 'session'
  union all select name from pg_prepared_statements
  union all select pg_listening_channels()
  union all select mode from pg_locks where locktype = 'advisory'
  union all select relname from pg_class where relpersistence = 't'`;

/** A message of the protocol: its type, and all its bytes. */
interface Message {
  readonly type: string;
  readonly bytes: Buffer;
}

/** A process of the server, lent to one client for one transaction. */
interface Backend {
  readonly socket: Duplex;
  borrower: Borrower | null;
  /** How many batches it has not answered yet. */
  pending: number;
}

interface Borrower {
  readonly socket: Socket;
  backend: Backend | null;
  /** What it sent, up to the end of a batch. */
  batch: Buffer[];
}

/**
 * Lends the processes of a PostgreSQL server to clients, for one transaction each and in turn, like PgBouncer in transaction
 * mode: whatever a client leaves in a session is the next one's.
 */
export class TransactionPooler {
  readonly #server: Server;
  readonly #backends: readonly Backend[];
  readonly #sockets = new Set<Socket>();
  readonly #waiting: Borrower[] = [];
  readonly #target: string;
  /** How many clients have connected so far. */
  connections = 0;
  #turn = 0;

  private constructor(url: string, backends: readonly Backend[]) {
    this.#target = url;
    this.#backends = backends;
    for (const backend of backends) {
      backend.socket.on(
        "data",
        messages((message) => this.#answer(backend, message)),
      );
    }
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** @param url the server's; its user is that of all clients */
  static async to(url: string, processes = 3): Promise<TransactionPooler> {
    const backends = await Promise.all(Array.from({ length: processes }, () => connect(url)));
    const pooler = new TransactionPooler(url, backends);
    pooler.#server.listen(0, "127.0.0.1");
    await once(pooler.#server, "listening");
    return pooler;
  }

  /** The server's URL through this pooler. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("it does not listen");
    return Object.assign(new URL(this.#target), { port: String(address.port) }).href;
  }

  /** What clients have left in the sessions, by its name. */
  async leftBehind(): Promise<readonly unknown[]> {
    const client = new pg.Client(this.url);
    await client.connect();
    const found: unknown[] = [];
    for (const _ of this.#backends) {
      const { rows } = await client.query(LEFT_BEHIND);
      found.push(...rows);
    }
    await client.end();
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    for (const { socket } of this.#backends) socket.destroy();
    await once(this.#server, "close");
  }

  #serve(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    const borrower: Borrower = { socket, backend: null, batch: [] };
    const take = messages(({ type, bytes }) => {
      if (type === TERMINATE) return void socket.destroy();
      borrower.batch.push(bytes);
      if (type === QUERY || type === SYNC) this.#lend(borrower);
    });
    let isGreeted = false;
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      if (isGreeted) return take(chunk);
      // One message, without a type.
      if (chunk.readUInt32BE(4) === SSL_REQUEST) return void socket.write("N");
      isGreeted = true;
      socket.write(GREETING);
    });
    socket.on("close", () => {
      this.#sockets.delete(socket);
      if (borrower.backend !== null) send(borrower.backend, ROLLBACK);
    });
  }

  #lend(borrower: Borrower): void {
    borrower.backend ??= this.#free(borrower);
    if (borrower.backend === null) return void this.#waiting.push(borrower);
    send(borrower.backend, Buffer.concat(borrower.batch));
    borrower.batch = [];
  }

  /** Never the one that was lent last. */
  #free(borrower: Borrower): Backend | null {
    for (let tried = 0; tried < this.#backends.length; tried += 1) {
      this.#turn = (this.#turn + 1) % this.#backends.length;
      const backend = this.#backends[this.#turn];
      if (backend === undefined || backend.borrower !== null) continue;
      backend.borrower = borrower;
      return backend;
    }
    return null;
  }

  #answer(backend: Backend, { type, bytes }: Message): void {
    const { borrower } = backend;
    if (borrower === null) return;
    // Of whoever listened there before.
    if (type !== NOTIFICATION) borrower.socket.write(bytes);
    if (type !== READY) return;
    backend.pending -= 1;
    if (backend.pending === 0 && bytes.toString("latin1", 5) === IDLE) this.#end(backend);
  }

  #end(backend: Backend): void {
    if (backend.borrower !== null) backend.borrower.backend = null;
    backend.borrower = null;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#lend(next);
  }
}

/** Logged in by the driver, which then lets go of it. */
async function connect(url: string): Promise<Backend> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  const { stream } = client.connection;
  stream.removeAllListeners("data");
  return { socket: stream, borrower: null, pending: 0 };
}

function send(backend: Backend, batch: Buffer): void {
  backend.pending += 1;
  backend.socket.write(batch);
}

/** Splits a stream into messages. */
function messages(take: (message: Message) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5) {
      const length = 1 + rest.readUInt32BE(1);
      if (rest.length < length) break;
      const bytes = rest.subarray(0, length);
      rest = rest.subarray(length);
      take({ type: bytes.toString("latin1", 0, 1), bytes });
    }
  };
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const message = (type: string, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
};

const ROLLBACK = message(QUERY, Buffer.from("rollback\0"));
/** Let in without a password, by a process that there is not, and ready. */
const GREETING = Buffer.concat([
  message("R", int32(0)),
  message("S", Buffer.from("client_encoding\0UTF8\0")),
  message("K", int32(1), int32(1)),
  message("Z", Buffer.from(IDLE)),
]);
