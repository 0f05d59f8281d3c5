import { AuthError, createAuth, isAuthError, parseWorkspaces } from "@x/auth-core";
import { assert } from "chai";
import type { Suite } from "../harness.ts";
import { holdsToken, issued, own } from "../tokens.ts";

/** Events, explanations and errors must not contain secrets. */
export const secrets: Suite = ({ describe, it }) => {
  describe("no secret", () => {
    it("incident 30: appears in an error, whatever the storage threw", async () => {
      const failing = async () => {
        throw Object.assign(new Error(`cannot write ${issued}`), { value: issued });
      };
      const auth = createAuth({ storage: { location: "there", read: () => null, write: failing } });
      const error: unknown = await auth.saveToken(issued).catch((failure) => failure);
      assert.instanceOf(error, AuthError);
      const { message, stack = "", cause } = error as AuthError;
      // The cause is kept, as another error with only its kind.
      assert.instanceOf(cause, Error);
      const members = JSON.stringify(Object.getOwnPropertyDescriptors(cause));
      assert.isFalse(holdsToken(`${message}${stack}${JSON.stringify(error)}${String(cause)}${members}`));
    });

    it("appears in the problems of a list of workspaces", () => {
      const lists = [`[{"id":"a","token":"${own}"}, oops`, `[{"id":"A","token":"${own}\\u0000"}]`];
      for (const list of lists) {
        try {
          parseWorkspaces(list);
          assert.fail("it was accepted");
        } catch (error) {
          assert.isTrue(isAuthError(error));
          assert.isFalse(holdsToken(String(error)));
        }
      }
    });
  });

  describe("an AuthError", () => {
    it("is an Error with a code, a name and a stack", () => {
      const error = new AuthError("TOKEN_INVALID", "It is bad.");
      assert.instanceOf(error, Error);
      assert.equal(String(error), "AuthError: It is bad.");
      assert.equal(error.code, "TOKEN_INVALID");
      assert.isString(error.stack);
    });

    it("is recognised across copies of the package, and nothing else is", () => {
      const foreign = Object.assign(new Error("x"), { [Symbol.for("@x/auth-core/AuthError")]: true });
      assert.isTrue(isAuthError(foreign));
      for (const other of [new Error("x"), null, undefined, "AuthError", { code: "TOKEN_INVALID" }]) {
        assert.isFalse(isAuthError(other));
      }
    });
  });
};
