import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ATLAS } from "../ids.ts";
import { heartbeat } from "../processes.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { ask, recordingPlatform, startProxy, TOKEN } from "./scene.ts";

const STATE = `/workspaces/${ATLAS}/state`;
const MESSAGE = `/workspaces/${ATLAS}/a2a`;
const SIZE = 100 * 1_024 * 1_024;
const CHUNK = Buffer.alloc(64 * 1_024, "a");

const open = (socketPath: string, path: string, method = "GET") =>
  request({ socketPath, path, method, headers: { host: "platform" } });

/** A platform that sends and accepts long bodies, and counts both. */
async function streamingPlatform() {
  const counts = { sent: 0, received: 0, closed: 0 };
  const platform = await recordingPlatform(async (incoming, response) => {
    incoming.on("close", () => {
      if (!incoming.complete || !response.writableFinished) counts.closed += 1;
    });
    if (incoming.method === "POST") {
      incoming.on("error", () => {});
      incoming.on("data", ({ length }: Buffer) => {
        counts.received += length;
      });
      incoming.on("end", () => response.end(String(counts.received)));
      return;
    }
    response.on("close", () => {
      if (!response.writableFinished) counts.closed += 1;
    });
    response.writeHead(200);
    function* chunks() {
      for (counts.sent = 0; counts.sent < SIZE; counts.sent += CHUNK.length) yield CHUNK;
    }
    Readable.from(chunks(), { highWaterMark: 1 }).pipe(response);
  });
  return { ...platform, counts };
}

/** The most memory that a process has used so far, in MiB. */
async function peakOf(pid: number | undefined): Promise<number> {
  const [, kib] = /VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1_024;
}

describe.runIf(process.platform === "linux")("100 MB through a proxy in a separate process", () => {
  it("pass in both directions with flat memory", async () => {
    const platform = await streamingPlatform();
    const directory = temporaryDirectory();
    const socket = join(directory, "platform.sock");
    const running = heartbeat(["proxy", "--socket", socket], {
      PLATFORM_URL: platform.url,
      WORKSPACE_ID: ATLAS,
      CONFIGS_DIR: directory,
      MOLECULE_WORKSPACE_TOKEN: TOKEN,
    });
    await running.printed(/press Ctrl-C/);
    await ask(socket, "/health", { method: "GET" }).catch(() => {});
    platform.counts.sent = 0;
    const before = await peakOf(running.child.pid);

    const [response] = await once(open(socket, STATE).end(), "response");
    let size = 0;
    for await (const chunk of response) size += chunk.length;
    expect(size).toBe(SIZE);

    const upload = open(socket, MESSAGE, "POST");
    const answered = once(upload, "response");
    for (let sent = 0; sent < SIZE; sent += CHUNK.length) {
      if (!upload.write(CHUNK)) await once(upload, "drain");
    }
    upload.end();
    const [answer] = await answered;
    let text = "";
    for await (const chunk of answer) text += chunk;
    expect(Number(text)).toBe(SIZE);

    expect((await peakOf(running.child.pid)) - before).toBeLessThan(60);
    expect(await running.stop()).toBe(0);
  }, 90_000);
});

describe("a client that", () => {
  it("does not read throttles the platform", async () => {
    const platform = await streamingPlatform();
    const { socket } = await startProxy(platform.url);
    const sent = open(socket, STATE).end();
    const [response] = await once(sent, "response");
    response.pause();
    let last = -1;
    while (platform.counts.sent !== last) {
      last = platform.counts.sent;
      await sleep(300);
    }
    expect(last).toBeLessThan(SIZE / 3);
    response.resume();
    await once(response, "end");
    expect(platform.counts.sent).toBe(SIZE);
  });

  it.each(["while the answer comes", "before the answer"])(
    "disconnects %s ends the request at the platform",
    async (when) => {
      const counts = { closed: 0, open: 0 };
      const platform = await recordingPlatform((_, response) => {
        counts.open += 1;
        response.on("close", () => {
          counts.closed += 1;
        });
        if (when === "while the answer comes") response.writeHead(200).write("a part");
      });
      const { socket } = await startProxy(platform.url);
      const sent = open(socket, STATE).end();
      sent.on("error", () => {});
      if (when === "while the answer comes") await once(sent, "response");
      else await expect.poll(() => counts.open).toBe(1);
      sent.destroy();
      await expect.poll(() => counts.closed).toBe(1);
    },
  );

  it("disconnects while it sends ends the request at the platform", async () => {
    const platform = await streamingPlatform();
    const { socket } = await startProxy(platform.url);
    const upload = open(socket, MESSAGE, "POST");
    upload.on("error", () => {});
    for (let written = 0; written < 1_000_000; written += CHUNK.length) upload.write(CHUNK);
    await expect.poll(() => platform.counts.received).toBeGreaterThan(300_000);
    upload.destroy();
    await expect.poll(() => platform.counts.closed).toBeGreaterThan(0);
    expect((await ask(socket, "/health")).status).toBe(200);
  });

  it("sees an answer that the platform interrupted as incomplete", async () => {
    const platform = await recordingPlatform((_, response) => {
      response.writeHead(200).write("a part", () => response.destroy());
    });
    const { socket } = await startProxy(platform.url);
    await expect(ask(socket, STATE)).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  it("gets the received part of an answer at once, even if its end may be the start of the token", async () => {
    const platform = await recordingPlatform((_, response) =>
      response.writeHead(200).write("data: first\n\n"),
    );
    const { socket } = await startProxy(platform.url);
    const [response] = await once(open(socket, STATE).end(), "response");
    const [chunk] = await once(response, "data");
    expect(String(chunk)).toBe("data: first\n\n");
    response.destroy();
  });
});
