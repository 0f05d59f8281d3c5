import { createBrowserAuth, oneTabAtATime } from "@x/auth-browser";
import { memoryTokenStorage } from "@x/auth-core";
import { assert } from "chai";
import type { Suite } from "../harness.ts";
import { issued, stored } from "../tokens.ts";
import type { Setting } from "../traits.ts";

/** The exports of `@x/auth-browser` other than its storages. */
export const tabs = ({ traits, platform }: Setting): Suite => {
  return ({ describe, it }) => {
    describe("createBrowserAuth", () => {
      it("signs without an Origin header, and still restricts the token to its platform", async () => {
        const auth = createBrowserAuth({ storage: memoryTokenStorage(stored), platformUrl: platform });
        assert.deepEqual(await auth.authHeaders(), { Authorization: `Bearer ${stored}` });
        assert.equal(auth.platformOrigin(), platform);
      });
    });

    describe("oneTabAtATime", () => {
      const registerTwice = async () => {
        const storage = memoryTokenStorage();
        let registrations = 0;
        const found = await Promise.all(
          [1, 2].map(() => {
            const auth = createBrowserAuth({ storage });
            return oneTabAtATime(auth, async (token) => {
              if (token !== null) return token;
              registrations += 1;
              // Asynchronous work, such as a registration.
              await (await fetch(`${platform}/echo`)).text();
              await auth.saveToken(issued);
              return issued;
            });
          }),
        );
        assert.deepEqual(found, [issued, issued]);
        return registrations;
      };

      if (traits.turns) {
        it("serializes two concurrent registrations, which end up with one token", async () => {
          assert.equal(await registerTwice(), 1);
        });
      } else {
        it("lets both register if the runtime has no locks", async () => {
          assert.equal(await registerTwice(), 2);
        });
      }

      it("passes on the callback's error", async () => {
        const auth = createBrowserAuth({ storage: memoryTokenStorage() });
        const failing = oneTabAtATime(auth, () => {
          throw new Error("the platform is down");
        });
        assert.equal(await failing.catch((error) => error.message), "the platform is down");
      });
    });
  };
};
