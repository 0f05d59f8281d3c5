import { type PostgresPool, type PostgresStoreEvent, postgresTokenStore } from "@x/auth-postgres";

const said: PostgresStoreEvent["type"][] = [];
const pool: PostgresPool = { connect: () => Promise.reject(new Error("there is no server")) };
const store = postgresTokenStore({
  pool,
  fleet: "blue",
  keys: ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
  onEvent: ({ type }) => said.push(type),
});

// @ts-expect-error: keys are required
postgresTokenStore({ url: "postgres://db.example/agents" });

export async function use(): Promise<readonly string[]> {
  const storage = store.storage({ platformUrl: "https://platform.example", workspaceId: "agent-7" });
  const isReplaced: boolean = await storage.replace(null, "a-token");
  const { problems } = await store.inspect();
  return [String(isReplaced), ...problems.map(({ code }) => code)];
}
