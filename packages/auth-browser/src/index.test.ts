import { expect, it } from "vitest";
import * as browser from "./index.ts";

it("exports only these names", () => {
  expect(Object.keys(browser).sort()).toEqual([
    "createAuthFetch",
    "createBrowserAuth",
    "indexedDbTokenStorage",
    "isAuthError",
    "oneTabAtATime",
    "webTokenStorage",
    "withAuth",
  ]);
});
