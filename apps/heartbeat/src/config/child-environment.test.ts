import { expect, it } from "vitest";
import { childEnvironment } from "./child-environment.ts";

const OPENS_THE_STORE = {
  HEARTBEAT_STORE: "postgres://heartbeat:a-password@db.example/agents",
  HEARTBEAT_STORE_KEY_FILE: "/etc/heartbeat/store.key",
};
const PASSWORD = { PGPASSWORD: "a-password", PGPASSFILE: "/etc/heartbeat/pgpass" };

it("a child process gets nothing that opens the shared store", () => {
  const env = { ...OPENS_THE_STORE, ...PASSWORD, PATH: "/bin" };
  expect(childEnvironment(env, { hasStore: true })).toEqual({ PATH: "/bin" });
});

it("a child process of a runner without a store gets the password of its own database", () => {
  expect(childEnvironment({ ...PASSWORD, PATH: "/bin" })).toEqual({ ...PASSWORD, PATH: "/bin" });
});
