import { describe, expect, it } from "vitest";
import type { PostgresTokenStore, StoreProblemCode } from "../src/index.ts";
import { failure } from "./failure.ts";
import { newFleet, newKey, REF, TestServer } from "./server.ts";

const server = new TestServer();

describe("an inspection", () => {
  it("finds no problems in a healthy store", async () => {
    const { store } = await server.prepared();
    await store.storage(REF).write("stored");
    expect(await store.inspect()).toEqual({
      serverVersion: expect.stringMatching(new RegExp(`^${process.env.POSTGRES ?? "18"}\\.\\d+$`)),
      tokens: 1,
      problems: [],
    });
  });

  it("reports a missing schema, missing permissions, and a rejected database or user", async () => {
    const found = async (store: PostgresTokenStore, code: StoreProblemCode, message: RegExp) => {
      const { problems } = await store.inspect();
      expect(problems).toEqual([{ code, message: expect.stringMatching(message) }]);
      expect(problems[0]?.message).not.toContain("wrong-word");
    };
    const bare = server.open({ fleet: newFleet(), keys: [newKey()] });
    await found(bare, "NOT_PREPARED", /the store is not set up; run `heartbeat store init`/);
    const { fleet, keys } = await server.prepared();
    const { name, url } = await server.role(fleet);
    const runner = server.open({ url, fleet, keys });
    await server.query(`alter table "${fleet}".token rename print to renamed`);
    await found(
      runner,
      "NOT_PREPARED",
      /the table lacks print: the store was set up by another version; use that/,
    );
    await server.query(`alter table "${fleet}".token rename renamed to print`);
    await server.query(`revoke update on "${fleet}".token from ${name}`);
    await found(runner, "PERMISSION_MISSING", /lacks UPDATE on the table; grant USAGE on schema "fleet/);
    await server.query(`revoke usage on schema "${fleet}" from ${name}`);
    await found(runner, "PERMISSION_MISSING", /lacks UPDATE on the table, USAGE on the schema;/);
    const wrongPassword = server.open({ url: url.replace("of-the-test", "wrong-word"), fleet, keys });
    await found(wrongPassword, "ACCESS_DENIED", /rejects this user; check the user, the password.*28P01/);
    const noPassword = server.open({ url: url.replace(/:[^:@]*@/, "@"), fleet, keys });
    await found(noPassword, "ACCESS_DENIED", /asks for a password, and none is given; give it in PGPASSWORD/);
    const wrongDatabase = server.open({ url: url.replace(/postgres$/, "none"), fleet, keys });
    await found(wrongDatabase, "ACCESS_DENIED", /no such database.*3D000/);
  });

  it("reports a user who may not set up a store", async () => {
    const { fleet, keys } = await server.prepared();
    const { url } = await server.role(fleet);
    const { message } = await failure(server.open({ url, fleet: newFleet(), keys }).prepare());
    expect(message).toMatch(/^This user may not set up the store .*GRANT CREATE ON DATABASE/);
  });

  it("rejects if TLS is asked for and the server has none", async () => {
    const { fleet, keys } = await server.prepared();
    const { url } = await server.role(fleet);
    const { message } = await failure(
      server.open({ url: `${url}?sslmode=verify-full`, fleet, keys }).inspect(),
    );
    expect(message).toMatch(/the server offers no TLS; turn it on there \(ssl = on\), or correct sslmode/);
  });

  it("rejects if nothing is listening", async () => {
    const store = server.open({
      url: "postgres://u:secret-word@127.0.0.1:1/d",
      fleet: newFleet(),
      keys: [newKey()],
    });
    const { message } = await failure(store.inspect());
    expect(message).toMatch(/^PostgreSQL at 127\.0\.0\.1:1, .*nothing listens there.*ECONNREFUSED\)\.$/);
  });

  it.each([
    ["sslrootcert=/none/ca.pem", /a file named in the URL .* does not exist: .*ENOENT/],
    ["host=/none", /a file named in the URL .* does not exist: .*ENOENT/],
    ["port=99999", /the port is invalid; correct the URL .*ERR_SOCKET_BAD_PORT/],
  ])("rejects a URL with %s, without its password", async (parameters, expected) => {
    const url = `postgres://u:secret-word@127.0.0.1:1/d?${parameters}`;
    const { message } = await failure(server.open({ url, keys: [newKey()] }).inspect());
    expect(message).toMatch(expected);
    expect(message).not.toContain("secret-word");
  });
});
