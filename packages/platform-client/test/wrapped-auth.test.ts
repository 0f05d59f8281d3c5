import { type Auth, createAuth, memoryTokenStorage, WorkspaceAuth } from "@x/auth-core";
import { expect, it } from "vitest";
import { createPlatformClient } from "../src/index.ts";
import { ID, TOKEN } from "./support/client.ts";

const platformUrl = "https://p.example";
const options = { storage: memoryTokenStorage(TOKEN), platformUrl };

class Wrapping extends WorkspaceAuth {
  override async authHeaders(...given: Parameters<Auth["authHeaders"]>) {
    return { ...(await super.authHeaders(...given)), Authorization: "Bearer wrapped" };
  }
}

const wrapping =
  (auth: Auth): Auth["authHeaders"] =>
  async (...given) => ({ ...(await auth.authHeaders(...given)), Authorization: "Bearer wrapped" });

const inner = createAuth(options);
const authHeaders = wrapping(inner);
const replaced = Object.assign(new WorkspaceAuth(options), { authHeaders });

const proxied = new Proxy(new WorkspaceAuth(options), {
  get(target, name) {
    if (name === "authHeaders") return wrapping(target);
    const member: unknown = Reflect.get(target, name, target);
    return typeof member === "function" ? member.bind(target) : member;
  },
});

it.each<[string, Auth, string]>([
  ["an auth", inner, TOKEN],
  ["an instance of its class", new WorkspaceAuth(options), TOKEN],
  ["a copy with other headers", { ...inner, authHeaders }, "wrapped"],
  ["an heir with other headers", Object.assign(Object.create(inner), { authHeaders }), "wrapped"],
  ["a subclass with other headers", new Wrapping(options), "wrapped"],
  ["an instance with other headers", replaced, "wrapped"],
  ["a proxy with other headers", proxied, "wrapped"],
])("every request is signed by %s", async (_, auth, token) => {
  const sent: (string | undefined)[] = [];
  const client = createPlatformClient({
    auth,
    platformUrl,
    workspaceId: ID,
    transport: {
      async request({ headers }) {
        sent.push(headers.Authorization);
        return { status: 200, headers: { get: () => null }, text: "{}" };
      },
    },
  });
  // With the first one, the sources are read; with the second one, the token is cached.
  await client.heartbeat();
  await client.heartbeat();
  expect(sent).toEqual([`Bearer ${token}`, `Bearer ${token}`]);
});
