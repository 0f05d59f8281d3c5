import { describeTokenStorage } from "@x/auth-testing";
import { beforeAll, describe, it } from "vitest";
import type { PostgresTokenStore } from "../src/index.ts";
import { REF, TestServer } from "./server.ts";

const server = new TestServer({ fsync: "off" });
const stores: PostgresTokenStore[] = [];
let table = "";
let role = "";
let count = 0;

beforeAll(async () => {
  const { fleet, keys } = await server.prepared();
  const { name, url } = await server.role(fleet);
  table = `"${fleet}".token`;
  role = name;
  for (let process = 0; process < 2; process += 1) stores.push(server.open({ url, fleet, keys }));
});

describeTokenStorage(
  "PostgreSQL",
  () => {
    count += 1;
    const [one, another] = stores.map((store) => store.storage({ ...REF, workspaceId: `agent-${count}` }));
    if (one === undefined || another === undefined) throw new Error("expected two stores");
    let isRevoked = false;
    const revoke = async (rights: string) => {
      isRevoked = true;
      await server.query(`revoke ${rights} on ${table} from ${role}`);
    };
    return {
      storage: one,
      reopen: () => another,
      failReads: () => revoke("select"),
      failWrites: () => revoke("insert, update"),
      async dispose() {
        if (isRevoked) await server.query(`grant select, insert, update on ${table} to ${role}`);
      },
    };
  },
  { describe, it },
);
