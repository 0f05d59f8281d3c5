import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { startPlatform } from "../src/platform.ts";
import { run } from "../src/run.ts";

it("an Express application answers with 200 after a rotation as before, and sends no token elsewhere", async () => {
  const platform = await startPlatform();
  const { made } = await run("Express", ["server", "platform"]);
  onTestFinished(() => made.server.close());
  await expect.poll(() => made.server.listening).toBe(true);
  const { port }: AddressInfo = made.server.address();
  await askTwice(`http://127.0.0.1:${port}/delegations`, platform);
  await askElsewhere(made.platform, platform);
});

it("a Fastify application answers with 200 after a rotation as before, and sends no token elsewhere", async () => {
  const platform = await startPlatform();
  const { made } = await run("Fastify", ["app", "platform"]);
  onTestFinished(() => made.app.close());
  const { port }: AddressInfo = made.app.server.address();
  await askTwice(`http://127.0.0.1:${port}/delegations`, platform);
  await askElsewhere(made.platform, platform);
});

async function askTwice(url: string, { rotate, statuses }: Awaited<ReturnType<typeof startPlatform>>) {
  const ask = async () => {
    const response = await fetch(url);
    return [response.status, await response.json()];
  };
  expect(await ask()).toEqual([200, []]);
  rotate();
  expect(await ask()).toEqual([200, []]);
  await expect.poll(statuses).toEqual([200, 401, 200]);
}

/** The application's own requests carry no token to another origin, neither asked to nor redirected there. */
async function askElsewhere(
  fetch: (url: string) => Promise<Response>,
  { foreign, redirect }: Awaited<ReturnType<typeof startPlatform>>,
) {
  expect((await fetch(`${foreign.url}/x`)).status).toBe(200);
  await expect(fetch(redirect)).rejects.toMatchObject({ code: "REDIRECT_REJECTED" });
  expect(foreign.received.map(({ authorization }) => authorization)).toEqual([undefined]);
}
