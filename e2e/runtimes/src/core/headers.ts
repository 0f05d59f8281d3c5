import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { assert } from "chai";
import { codeOf } from "../codes.ts";
import type { Suite } from "../harness.ts";
import { own, stored } from "../tokens.ts";

const env = { PLATFORM_URL: "https://platform.example/base/", MOLECULE_ORG_ID: "org-1" };

/** The headers of a request. */
export const headers: Suite = ({ describe, it }) => {
  describe("the headers", () => {
    it("are Origin, Authorization and X-Molecule-Org-Id, each only if there is a value", async () => {
      assert.deepEqual(await createAuth({ storage: memoryTokenStorage() }).authHeaders(), {});
      assert.deepEqual(await createAuth({ storage: memoryTokenStorage(stored), env }).authHeaders(), {
        Origin: "https://platform.example",
        Authorization: `Bearer ${stored}`,
        "X-Molecule-Org-Id": "org-1",
      });
    });

    it("of a registered workspace carry its own token", async () => {
      const auth = createAuth({ storage: memoryTokenStorage(stored), env });
      auth.registerWorkspaceToken("agent-7", own, { platformUrl: "http://other.example:8080/x" });
      assert.deepEqual(await auth.authHeaders("agent-7"), {
        Origin: "http://other.example:8080",
        Authorization: `Bearer ${own}`,
      });
      assert.deepEqual(auth.listRegisteredWorkspaces(), ["agent-7"]);
    });

    it("of an unregistered workspace carry the single workspace's token", async () => {
      const auth = createAuth({ storage: memoryTokenStorage(stored) });
      assert.deepEqual(await auth.authHeaders("agent-8"), { Authorization: `Bearer ${stored}` });
    });

    it("name the source on request", async () => {
      const auth = createAuth({ storage: memoryTokenStorage(stored) });
      assert.deepEqual(await auth.selfSourceHeaders("agent-7"), {
        Authorization: `Bearer ${stored}`,
        "X-Workspace-ID": "agent-7",
      });
    });

    it("incident 11: reject an id that could break out of a header or a path", async () => {
      const auth = createAuth({ storage: memoryTokenStorage(stored) });
      for (const id of ["a\nb", "a\r\nX: y", "..", "a/b", "a#b", "a?b", "A", "-a", "ä", "a".repeat(129)]) {
        assert.equal(await codeOf(() => auth.selfSourceHeaders(id)), "WORKSPACE_ID_INVALID");
        assert.equal(await codeOf(() => auth.registerWorkspaceToken(id, own)), "WORKSPACE_ID_INVALID");
      }
    });

    it("reject a platform that is not an http(s) origin, however this runtime's URL parses it", async () => {
      const urls = [
        "platform.example",
        "ftp://a.example",
        "https:a.example",
        "https:/a.example",
        "//a.example",
      ];
      for (const url of [...urls, "https://u:p@a.example", "https://a.example/?q", "https://a.example/#f"]) {
        const auth = createAuth({ storage: memoryTokenStorage(), env: { PLATFORM_URL: url } });
        assert.equal(await codeOf(() => auth.authHeaders()), "PLATFORM_URL_INVALID", url);
      }
    });

    it("reject a tenant that is not a valid header value", async () => {
      const auth = createAuth({ storage: memoryTokenStorage(), env: { MOLECULE_ORG_ID: "a b" } });
      assert.equal(await codeOf(() => auth.authHeaders()), "ORG_ID_INVALID");
    });

    it("are accepted unchanged by this runtime's Headers", async () => {
      const signed = new Headers(
        await createAuth({ storage: memoryTokenStorage(stored), env }).authHeaders(),
      );
      assert.equal(signed.get("authorization"), `Bearer ${stored}`);
      assert.equal(signed.get("x-molecule-org-id"), "org-1");
    });
  });
};
