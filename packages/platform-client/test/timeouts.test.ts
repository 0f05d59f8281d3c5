import { expect, it } from "vitest";
import { workspaceAt } from "./support/client.ts";
import { startServer } from "./support/server.ts";

it.each([Number.POSITIVE_INFINITY, 2 ** 31])(
  "a time limit of %d ms does not end at once",
  async (timeoutMs) => {
    const { origin } = await startServer(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return [200, {}];
    });
    expect(await workspaceAt(origin, { timeoutMs }).client.heartbeat()).toMatchObject({ ok: true });
    expect(await workspaceAt(origin).client.heartbeat({}, { timeoutMs })).toMatchObject({ ok: true });
  },
);

it.each([0, -1, Number.NaN])("a time limit of %d ms is rejected, and is no outage", async (timeoutMs) => {
  const { origin } = await startServer(() => [200, {}]);
  const { client } = workspaceAt(origin);
  for (let count = 0; count < 3; count += 1) {
    await expect(client.heartbeat({}, { timeoutMs })).rejects.toThrow("timeoutMs must be more than 0.");
  }
  expect(await client.heartbeat()).toMatchObject({ ok: true });
});
