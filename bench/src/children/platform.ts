import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serveTasks } from "../children.ts";

/** The least that a platform can be: the answers of the contract, without a thought. */
const ANSWERS: readonly (readonly [RegExp, string])[] = [
  [/^\/registry\/heartbeat$/, '{"status":"ok"}'],
  [/\/delegations$/, "[]"],
  [/\/state$/, '{"workspace_id":"$ID","status":"online","paused":false,"deleted":false}'],
  [/^\/workspaces\//, '{"id":"$ID","url":"","status":"online"}'],
  [/^\/registry\/register$/, '{"status":"registered"}'],
  [/^\/health$/, '{"status":"ok"}'],
];

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const { url = "" } = request;
  const body = ANSWERS.find(([path]) => path.test(url))?.[1].replace("$ID", () => url.split("/")[2] ?? "");
  request.resume().on("end", () => {
    response.writeHead(body === undefined ? 404 : 200, {
      "Content-Type": "application/json",
      "Content-Length": body?.length ?? 0,
    });
    response.end(body);
  });
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  serveTasks(async () => `http://127.0.0.1:${port}`);
});
