import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { assert } from "chai";
import { codeOf } from "../codes.ts";
import type { Suite } from "../harness.ts";
import { stored } from "../tokens.ts";

const env = { PLATFORM_URL: "https://platform.example/base/", MOLECULE_ORG_ID: "org-1" };

/** The headers of a request. */
export const headers: Suite = ({ describe, it }) => {
  describe("the headers", () => {
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

    it("are accepted unchanged by this runtime's Headers", async () => {
      const signed = new Headers(
        await createAuth({ storage: memoryTokenStorage(stored), env }).authHeaders(),
      );
      assert.equal(signed.get("authorization"), `Bearer ${stored}`);
      assert.equal(signed.get("x-molecule-org-id"), "org-1");
    });
  });
};
