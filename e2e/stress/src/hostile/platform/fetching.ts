import type { Socket } from "node:net";
import type { FetchResult } from "../../child/fetcher.ts";
import { start } from "../../fixtures/child.ts";
import type { Fixtures } from "../../fixtures/fixtures.ts";
import { built } from "../../folder.ts";
import { createTally, type Finding } from "../../report/finding.ts";
import { pour } from "../pour.ts";
import { json, openElsewhere, openRawPlatform } from "./raw-platform.ts";

const REJECTED = "the-token-in-the-file-that-is-rejected";
const ACCEPTED = "the-token-in-the-environment-that-is-not";
const CHUNK = `1000\r\n${"x".repeat(0x1000)}\r\n`;
const ENDLESS = "Transfer-Encoding: chunked\r\n\r\n";
const MEGABYTE = 1_024 * 1_024;
/** Buffered in sockets and streams on both sides before the body is read. */
const MAX_TAKEN_BYTES = 16 * MEGABYTE;
const MAX_MEMORY_BYTES = 200 * MEGABYTE;

interface Way {
  /** The answer to the rejected token, or to any token. */
  answer(socket: Socket, elsewhere: string): void;
  /** The expected outcome of the call. */
  readonly outcome: string;
}

/** Paths for a signed request, and the first answer at each. */
const WAYS: Readonly<Record<string, Way>> = {
  "/401-of-100-MB": {
    answer: (socket) =>
      pour(socket, `HTTP/1.1 401 X\r\nContent-Length: ${100 * MEGABYTE}\r\n\r\n`, "x", 100 * MEGABYTE),
    outcome: "200",
  },
  "/401-without-end": {
    answer: (socket) => pour(socket, `HTTP/1.1 401 X\r\n${ENDLESS}`, CHUNK),
    outcome: "200",
  },
  "/200-without-end": {
    answer: (socket) => pour(socket, `HTTP/1.1 200 X\r\n${ENDLESS}`, CHUNK),
    outcome: "200",
  },
  "/redirect-to-elsewhere": {
    answer: (socket, elsewhere) => socket.end(json(307, {}, `Location: ${elsewhere}/x\r\n`)),
    outcome: "REDIRECT_REJECTED",
  },
  "/redirect-with-credentials": {
    answer: (socket, elsewhere) =>
      socket.end(json(302, {}, `Location: ${elsewhere.replace("//", "//user:PASSWORD-IN-A-URL@")}/x\r\n`)),
    outcome: "REDIRECT_REJECTED",
  },
  "/redirect-without-end": {
    answer: (socket, elsewhere) =>
      pour(socket, `HTTP/1.1 307 X\r\nLocation: ${elsewhere}/x\r\n${ENDLESS}`, CHUNK),
    outcome: "REDIRECT_REJECTED",
  },
  "/redirect-within-without-end": {
    answer: (socket) => pour(socket, `HTTP/1.1 307 X\r\nLocation: /well\r\n${ENDLESS}`, CHUNK),
    outcome: "200",
  },
};

/** Runs `createAuthFetch` in a separate process. */
export async function fetchFromHostilePlatform(fixtures: Fixtures): Promise<Finding[]> {
  const tally = createTally();
  let taken = 0;
  const played = new Set<string>();
  const elsewhere = await openElsewhere(fixtures);
  const platform = await openRawPlatform(({ head }, socket) => {
    const [, path = ""] = head.split(" ", 2);
    const way = WAYS[path];
    if (way === undefined || played.has(path)) {
      socket.end(json(200, {}));
      return;
    }
    played.add(path);
    socket.once("close", () => {
      taken = Math.max(taken, socket.bytesWritten - socket.writableLength);
    });
    way.answer(socket, elsewhere.origin);
  });
  fixtures.undo(platform.close);

  const command = [
    process.execPath,
    built("fetcher"),
    platform.origin,
    REJECTED,
    ACCEPTED,
    ...Object.keys(WAYS),
  ];
  const results: FetchResult[] = [];
  await start(fixtures, command, {
    onLine: (line) => void results.push(JSON.parse(line)),
    withinMs: 30_000,
  }).ended;
  for (const [path, { outcome }] of Object.entries(WAYS)) {
    const result = results.find((found) => found.path === path);
    if (result === undefined) tally.add(`${path}: never settled`);
    else if (result.outcome !== outcome) tally.add(`${path}: came to ${result.outcome} ${result.said}`);
    else if (/PASSWORD|the-token-in/.test(result.said)) tally.add(`${path}: the error repeats a secret`);
    else
      tally.add(result.peak <= MAX_MEMORY_BYTES ? null : `${path}: ${Math.round(result.peak / MEGABYTE)} MB`);
  }
  tally.add("a request went to another origin", elsewhere.contacts());
  if (taken > MAX_TAKEN_BYTES) tally.add(`${Math.round(taken / MEGABYTE)} MB were read`);
  return [
    tally.finding(
      "createAuthFetch, endless answers and redirects to another origin: read on, followed, or reported without their code",
      "ours",
    ),
  ];
}
