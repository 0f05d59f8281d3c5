import type { Socket } from "node:net";
import { drip, pour } from "../pour.ts";
import { json, type RequestKind } from "./raw-platform.ts";

export const OTHER_WORKSPACE = "another-workspace";
export const OTHER_TOKEN = "the-token-of-another-workspace";

/** `look` fetches the status before the first registration; `status` fetches it afterwards. */
type Moment = Extract<RequestKind, "register" | "heartbeat" | "status" | "delegations"> | "look";

/** A single hostile answer to the first request of a kind, and the log line expected of the runner. */
export interface Scenario {
  readonly what: string;
  readonly requestKind: Moment;
  answer(socket: Socket, context: { readonly token: string; readonly elsewhere: string }): void;
  readonly says: RegExp;
}

const MEGABYTE = 1_024 * 1_024;
const OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
const CHUNK = `1000\r\n${'{"a":"b"}'.padEnd(0x1000)}\r\n`;
const TOO_LONG = /too long/;

type Way = Pick<Scenario, "answer" | "says">;

const MOMENTS: readonly Moment[] = ["look", "register", "heartbeat", "status", "delegations"];

/** The result of `look` is not logged: a workspace with a token registers regardless. */
const scenario = (what: string, requestKind: Moment, { answer, says }: Way): Scenario => ({
  what,
  requestKind,
  answer,
  says: requestKind === "look" ? /^registered/ : says,
});

/** Answers that do not end, or not in time. */
const WITHOUT_END: Readonly<Record<string, Way>> = {
  "100 MB": {
    answer: (socket) =>
      pour(socket, `${OK}Content-Length: ${100 * MEGABYTE}\r\n\r\n{"status":"`, "x", 100 * MEGABYTE),
    says: TOO_LONG,
  },
  "endless chunks": {
    answer: (socket) => pour(socket, `${OK}Transfer-Encoding: chunked\r\n\r\n`, CHUNK),
    says: TOO_LONG,
  },
  "endless headers": { answer: (socket) => pour(socket, OK, "X-More: and more\r\n"), says: /OVERFLOW/ },
  "endless provisional answers": {
    answer: (socket) => drip(socket, "", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1_000)),
    says: /no answer in time/,
  },
  "a body, byte by byte": {
    answer: (socket) => drip(socket, `${OK}Content-Length: 100000\r\n\r\n{`, " "),
    says: /no answer in time/,
  },
};

const ELSEWHERE = /which is not followed|failed: 30\d to http/;

/** Answers that redirect the runner or belong to another workspace. */
const FOR_OTHERS: Readonly<Record<string, Way & { readonly requestKind: readonly Moment[] }>> = {
  "a redirect to another origin": {
    requestKind: MOMENTS,
    answer: (socket, { elsewhere }) =>
      socket.end(json(307, {}, `Location: ${elsewhere}/registry/register\r\n`)),
    says: ELSEWHERE,
  },
  "a redirect with an endless body": {
    requestKind: ["heartbeat"],
    answer: (socket, { elsewhere }) =>
      pour(socket, `HTTP/1.1 302 X\r\nLocation: ${elsewhere}/\r\nTransfer-Encoding: chunked\r\n\r\n`, CHUNK),
    says: ELSEWHERE,
  },
  "a login page": {
    requestKind: MOMENTS,
    answer: (socket) => socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<html>Log in</html>"),
    says: /that is not JSON/,
  },
  "another workspace's answer, with its token": {
    requestKind: ["register", "heartbeat"],
    answer: (socket) => socket.end(json(200, { id: OTHER_WORKSPACE, auth_token: OTHER_TOKEN, status: "ok" })),
    says: /about another workspace/,
  },
  "another workspace's answer, by its other name": {
    requestKind: ["register", "heartbeat"],
    answer: (socket) =>
      socket.end(
        json(200, { workspace_id: OTHER_WORKSPACE, platform_inbound_secret: OTHER_TOKEN, status: "ok" }),
      ),
    says: /about another workspace/,
  },
  "another workspace that was removed": {
    requestKind: ["look", "status"],
    answer: (socket) => socket.end(json(410, { error: "workspace removed", id: OTHER_WORKSPACE })),
    says: /about another workspace/,
  },
  "rows of another workspace": {
    requestKind: ["delegations"],
    answer: (socket) =>
      socket.end(
        json(200, [{ id: "row", source_id: OTHER_WORKSPACE, status: "completed", summary: OTHER_TOKEN }]),
      ),
    says: /dropped 1 delegation row with/,
  },
  "the token that was sent, in an error": {
    requestKind: MOMENTS,
    answer: (socket, { token }) =>
      socket.end(json(422, { error: `bad ${token}\u001b[2J\u009b31m`, code: token })),
    says: /failed: 422 bad /,
  },
};

export const SCENARIOS: readonly Scenario[] = [
  ...Object.entries(WITHOUT_END).flatMap(([what, way]) =>
    MOMENTS.map((requestKind) => scenario(what, requestKind, way)),
  ),
  ...Object.entries(FOR_OTHERS).flatMap(([what, { requestKind, ...way }]) =>
    requestKind.map((moment) => scenario(what, moment, way)),
  ),
];
