import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answer } from "../answers.ts";
import { serveTasks } from "../children.ts";

const server = createServer({ keepAliveTimeout: 120_000 }, answer);
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  serveTasks(async () => `http://127.0.0.1:${port}`);
});
