import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { describe, expect, it } from "vitest";
import { createPlatformClient, type Transport } from "../src/index.ts";
import { ID, TOKEN } from "./support/client.ts";

const platformUrl = "https://p.example";
const mistake = new TypeError("a mistake of the auth");
const fails = () => {
  throw mistake;
};
const auth = createAuth({ storage: memoryTokenStorage(TOKEN), platformUrl });

const answering = (status: number, get = (): string | null => null) => ({
  request: async () => ({ status, headers: { get }, text: "{}" }),
});

const clientOf = (changed: object, transport: Transport = answering(200)) =>
  createPlatformClient({ auth: { ...auth, ...changed }, platformUrl, workspaceId: ID, transport });

const later = { authHeadersNow: undefined };

describe("a mistake in what the caller passed in", () => {
  it.each([
    ["the headers", () => clientOf({ ...later, authHeaders: fails })],
    ["the headers at once", () => clientOf({ authHeadersNow: fails })],
    ["the origin", () => clientOf({ platformOrigin: fails })],
    ["the origin, later", () => clientOf({ ...later, platformOrigin: fails })],
    ["recovery", () => clientOf({ recover: fails }, answering(401))],
    ["an answer's headers", () => clientOf({}, answering(200, fails))],
  ])("in %s rejects the call, and the circuit stays closed", async (_name, create) => {
    const client = create();
    for (let count = 0; count < 20; count += 1) await expect(client.heartbeat()).rejects.toBe(mistake);
  });

  it("in a transport that throws instead of rejecting is a request without an answer", async () => {
    const result = await clientOf({}, { request: fails }).heartbeat();
    expect(result).toMatchObject({ ok: false, failure: { kind: "unavailable", status: 0 } });
  });
});
