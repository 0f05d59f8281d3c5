import { createConnection } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, expect, it } from "vitest";
import { AGENT } from "./ids.ts";
import { ask, heartbeat, join, registration, resultOf, start, statusOf } from "./support.ts";

const MEGABYTE = 1024 * 1024;
const INVALID = [400, { error: "invalid request body" }];

describe.each(["v1", "v2"] as const)("hostile input, contract %s", (contract) => {
  it.each([
    ["nothing", ""],
    ["half of an object", '{"workspace_id":AGENT'],
    ["two objects", "{}{}"],
    ["single quotes", "{'workspace_id':'agent'}"],
    ["a byte order mark", '\ufeff{"workspace_id":AGENT}'],
    ["bytes that are no text", new Uint8Array([0xff, 0xfe, 0x00])],
    ["an abyss", "[".repeat(500_000)],
    ["a deep object", `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`],
  ])("gets a 400, and the emulator keeps serving: %s", async (_what, body) => {
    const emulator = await start({ contract });
    for (const path of ["/registry/register", "/registry/heartbeat", "/registry/update-card"]) {
      expect(resultOf(await ask(emulator, path, { method: "POST", body }))).toEqual(INVALID);
    }
    await join(emulator);
    expect(await statusOf(emulator)).toBe("online");
  });

  it("of 5 MB gets a 400 after it was read to its end, and the emulator keeps serving", async () => {
    const emulator = await start({ contract });
    const huge = registration(AGENT, { agent_card: "x".repeat(5 * MEGABYTE) });
    expect(resultOf(await ask(emulator, "/registry/register", { body: huge }))).toEqual(INVALID);
    expect((await ask(emulator, "/registry/register", { body: registration(AGENT) })).status).toBe(200);
  });

  it.each([
    ["POST", "/"],
    ["GET", "/registry/register"],
    ["POST", "/registry"],
    ["PUT", "/registry/heartbeat"],
    ["HEAD", "/health"],
    ["OPTIONS", "/registry/heartbeat"],
    ["POST", `/workspaces/${AGENT}`],
    ["GET", `/workspaces/${AGENT}/secrets`],
    ["GET", "/health/"],
  ])("to %s %s gets a 404", async (method, path) => {
    const emulator = await start({ contract });
    const answer = await ask(emulator, path, { method });
    expect([answer.status, answer.text]).toEqual([404, method === "HEAD" ? "" : "404 page not found"]);
    expect(answer.headers["content-type"]).toContain("text/plain");
  });

  it("to an unknown route gets a 404, whatever the body", async () => {
    const emulator = await start({ contract });
    for (const body of ["{", "x".repeat(5 * MEGABYTE)]) {
      const answer = await ask(emulator, "/no/such/route", { method: "POST", body });
      expect([answer.status, answer.text]).toEqual([404, "404 page not found"]);
    }
  });

  it("that is not HTTP or has no valid URL gets a 400, and the emulator keeps serving", async () => {
    const emulator = await start({ contract });
    for (const text of ["hello\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"]) {
      expect(await raw(emulator.url, text)).toMatch(/^HTTP\/1\.1 400 /);
    }
    expect((await heartbeat(emulator)).status).toBe(200);
  });

  it("with a field called __proto__ is plain data", async () => {
    const emulator = await start({ contract });
    const body = `{"id":"${AGENT}","url":"http://localhost","agent_card":{"__proto__":{"admin":true}},"__proto__":{"x":1}}`;
    expect((await ask(emulator, "/registry/register", { body })).status).toBe(200);
    expect((await ask(emulator, `/workspaces/${AGENT}`)).text).toContain(
      '"agent_card":{"__proto__":{"admin":true}}',
    );
    expect(Reflect.get({}, "admin")).toBeUndefined();
  });
});

it("is reachable from this machine only", async () => {
  const emulator = await start();
  const { hostname, port } = new URL(emulator.url);
  expect(hostname).toBe("127.0.0.1");
  const outward = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4");
  for (const { address } of outward) {
    await expect(ask({ url: `http://${address}:${port}` }, "/health")).rejects.toThrow();
  }
});

it("can be closed twice", async () => {
  const emulator = await start();
  await Promise.all([emulator.close(), emulator.close()]);
  await emulator.close();
  await expect(heartbeat(emulator)).rejects.toThrow();
});

/** Sends raw bytes. @returns the response */
function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = createConnection({ host: hostname, port: Number(port) }, () => socket.write(text));
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      received += chunk;
    });
    socket.on("end", () => resolve(received));
    socket.on("error", reject);
  });
}
