import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { startPlatform } from "../src/platform.ts";
import { run } from "../src/run.ts";

it("an Express application still answers 200 after a rotation", async () => {
  const platform = await startPlatform();
  const { made } = await run("Express", ["server"]);
  onTestFinished(() => made.server.close());
  await expect.poll(() => made.server.listening).toBe(true);
  const { port }: AddressInfo = made.server.address();
  await askTwice(`http://127.0.0.1:${port}/delegations`, platform);
});

it("a Fastify application still answers 200 after a rotation", async () => {
  const platform = await startPlatform();
  const { made } = await run("Fastify", ["app"]);
  onTestFinished(() => made.app.close());
  const { port }: AddressInfo = made.app.server.address();
  await askTwice(`http://127.0.0.1:${port}/delegations`, platform);
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
