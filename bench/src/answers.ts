import type { RequestListener } from "node:http";

/** A minimal platform: the contract's answers, without any logic. */
const ANSWERS: readonly (readonly [RegExp, string])[] = [
  [/^\/registry\/heartbeat$/, '{"status":"ok"}'],
  [/\/delegations$/, "[]"],
  [/\/activity\?/, "[]"],
  [/\/state$/, '{"workspace_id":"$ID","status":"online","paused":false,"deleted":false}'],
  [/^\/workspaces\//, '{"id":"$ID","url":"","status":"online"}'],
  [/^\/registry\/register$/, '{"status":"registered"}'],
  [/^\/health$/, '{"status":"ok"}'],
];

export const answer: RequestListener = (request, response) => {
  const { url = "" } = request;
  const body = ANSWERS.find(([path]) => path.test(url))?.[1].replace("$ID", () => url.split("/")[2] ?? "");
  request.resume().on("end", () => {
    response.writeHead(body === undefined ? 404 : 200, {
      "Content-Type": "application/json",
      "Content-Length": body?.length ?? 0,
    });
    response.end(body);
  });
};
