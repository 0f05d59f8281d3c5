import { createAuth, createAuthFetch, memoryTokenStorage } from "@x/auth-core";
import { assert } from "chai";
import { codeOf } from "../codes.ts";
import type { Suite } from "../harness.ts";
import { envToken, rotated, stored } from "../tokens.ts";
import type { Setting } from "../traits.ts";

/** The request as the server received it. */
interface Echo {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A signing fetch, over real HTTP. */
export const sending = ({ platform, elsewhere, traits }: Setting): Suite => {
  const auth = (token: string | null = stored, env: Record<string, string> = {}) =>
    createAuth({ storage: memoryTokenStorage(token ?? undefined), env: { PLATFORM_URL: platform, ...env } });
  const echoOf = async (response: Response): Promise<Echo> => {
    assert.equal(response.status, 200);
    return response.json();
  };

  return ({ describe, it }) => {
    describe("a signed request", () => {
      it("carries the token and its own headers", async () => {
        const send = createAuthFetch(auth());
        const sent = await echoOf(
          await send(`${platform}/echo`, {
            method: "POST",
            body: '{"a":1}',
            headers: { "content-type": "application/json" },
          }),
        );
        assert.equal(sent.headers.authorization, `Bearer ${stored}`);
        assert.equal(sent.headers["content-type"], "application/json");
        assert.equal(sent.body, '{"a":1}');
        assert.equal(sent.method, "POST");
        // The page's origin equals the platform's here, so the header is the same either way.
        assert.equal(sent.headers.origin, platform);
      });

      it("carries the platform's Origin where scripts may set it, and works where they may not", async () => {
        const sent = await echoOf(await createAuthFetch(auth())(`${platform}/echo`));
        assert.equal(sent.headers.origin, traits.origin === "ours" ? platform : undefined);
      });

      it("may be a Request, with a body", async () => {
        const request = new Request(`${platform}/echo`, { method: "PUT", body: "text" });
        const sent = await echoOf(await createAuthFetch(auth())(request));
        assert.deepEqual([sent.method, sent.body], ["PUT", "text"]);
        assert.equal(sent.headers.authorization, `Bearer ${stored}`);
      });

      it("is not signed for another origin", async () => {
        const sent = await echoOf(await createAuthFetch(auth())(`${elsewhere}/echo`));
        assert.isUndefined(sent.headers.authorization);
      });
    });

    describe("a 401", () => {
      it("incident 21: is retried with another source's token, including the body", async () => {
        const send = createAuthFetch(auth(stored, { MOLECULE_WORKSPACE_TOKEN: envToken }));
        const sent = await echoOf(
          await send(`${platform}/guarded/${envToken}`, { method: "POST", body: "text" }),
        );
        assert.equal(sent.body, "text");
      });

      it("is retried with the body of a Request, too", async () => {
        const send = createAuthFetch(auth(stored, { MOLECULE_WORKSPACE_TOKEN: envToken }));
        const request = new Request(`${platform}/guarded/${envToken}`, { method: "POST", body: "text" });
        assert.equal((await echoOf(await send(request))).body, "text");
      });

      it("is returned when there is no other token", async () => {
        const response = await createAuthFetch(auth())(`${platform}/guarded/${rotated}`);
        assert.equal(response.status, 401);
        await response.text();
      });
    });

    describe("a redirect", () => {
      const moved = (to: string) => `${platform}/moved/307?to=${encodeURIComponent(to)}`;

      it("to another origin is rejected", async () => {
        const send = createAuthFetch(auth());
        assert.equal(await codeOf(() => send(moved(`${elsewhere}/echo`))), "REDIRECT_REJECTED");
      });

      if (traits.redirects === "shown") {
        it("within the origin is followed, signed", async () => {
          const sent = await echoOf(
            await createAuthFetch(auth())(moved("/echo"), { method: "POST", body: "text" }),
          );
          assert.equal(sent.headers.authorization, `Bearer ${stored}`);
          assert.equal(sent.body, "text");
        });
      } else {
        it("within the origin is rejected, too, because this runtime hides its target", async () => {
          assert.equal(await codeOf(() => createAuthFetch(auth())(moved("/echo"))), "REDIRECT_REJECTED");
        });
      }

      it("is left to a caller that handles redirects manually", async () => {
        const response = await createAuthFetch(auth())(moved("/echo"), { redirect: "manual" });
        assert.include([307, 0], response.status);
        await response.body?.cancel();
      });
    });
  };
};
