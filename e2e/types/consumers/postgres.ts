import { createAuth, postgresTokenStore, readKeyFile } from "@x/auth-postgres";
import { type EmbeddedPostgres, startPostgres } from "@x/auth-postgres/embedded";

export async function open(platformUrl: string) {
  const postgres: EmbeddedPostgres = await startPostgres({ settings: { max_connections: 20 } });
  const store = postgresTokenStore({ url: postgres.url, keys: await readKeyFile("/etc/agents/store.key") });
  // @ts-expect-error: keys are required
  postgresTokenStore({ url: postgres.url });
  const auth = createAuth({ storage: store.storage({ platformUrl, workspaceId: "agent-7" }), platformUrl });
  return { auth, close: () => Promise.all([store.close(), postgres[Symbol.asyncDispose]()]) };
}
