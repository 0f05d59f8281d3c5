import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { startPlatform } from "../src/platform.ts";
import { type Made, run } from "../src/run.ts";

it.each([
  ["Express", "server", (made: Made) => made.server],
  ["Fastify", "app", (made: Made) => made.app.server],
])(
  "a %s application answers with 200 after a rotation as before, and sends no token elsewhere",
  async (...each) => {
    const [name, variable, serverOf] = each;
    const platform = await startPlatform();
    const { made } = await run(name, [variable, "platform"]);
    onTestFinished(() => made[variable].close());
    await expect.poll(() => serverOf(made).listening).toBe(true);
    const { port }: AddressInfo = serverOf(made).address();
    await askTwice(`http://127.0.0.1:${port}/delegations`, platform);
    await askElsewhere(made.platform, platform);
  },
);

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
