import { expect, it } from "vitest";
import { ID, workspaceAt } from "./support/client.ts";
import { startServer } from "./support/server.ts";

it.each(["", ".", "..", undefined as unknown as string])(
  "a token with the id %j is not revoked: the path would be another one",
  async (tokenId) => {
    const { origin, received } = await startServer(() => [200, {}]);
    const { client } = workspaceAt(origin);
    expect(await client.tokens.revoke(tokenId)).toMatchObject({
      ok: false,
      failure: { kind: "invalid", code: "TOKEN_NOT_FOUND", sent: "no" },
    });
    expect(received).toStrictEqual([]);
  },
);

it("an id that ends within a character is sent as UTF-8 has it", async () => {
  const { origin, paths } = await startServer(({ method }) => [200, method === "GET" ? [] : {}]);
  const { client } = workspaceAt(origin);
  expect(await client.activity({ sinceId: "a\ud83d" })).toMatchObject({ ok: true });
  expect(await client.tokens.revoke("\ude00😀")).toMatchObject({ ok: true });
  expect(paths()).toStrictEqual([
    `GET /workspaces/${ID}/activity?since_id=a%EF%BF%BD`,
    `DELETE /workspaces/${ID}/tokens/%EF%BF%BD%F0%9F%98%80`,
  ]);
});

it("a row is taken however long its message is, and however it is escaped", async () => {
  const longest = JSON.stringify("<".repeat(16 * 1_024 * 1_024)).replaceAll("<", "\\u003c");
  const { origin } = await startServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(`[{"id":"a","request_body":{"text":${longest}}}]`);
    return null;
  });
  const { client } = workspaceAt(origin);
  expect(await client.activity({ limit: 1 })).toMatchObject({ ok: true, value: [{ id: "a" }] });
  expect(await client.activity({ limit: 2 })).toMatchObject({ failure: { code: "RESPONSE_TOO_LONG" } });
});

it("rows that include the cursor are not taken: the server or a cache ignored it", async () => {
  const { origin } = await startServer(() => [200, [{ id: "b" }, { id: "a" }]]);
  const { client } = workspaceAt(origin);
  expect(await client.activity({ sinceId: "b" })).toMatchObject({ failure: { code: "RESPONSE_UNEXPECTED" } });
  expect(await client.activity({ sinceId: "c" })).toMatchObject({ ok: true });
  expect(await client.activity({})).toMatchObject({ ok: true });
});
