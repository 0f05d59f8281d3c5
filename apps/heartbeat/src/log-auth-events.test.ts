import { expect, it } from "vitest";
import { authEventLine } from "./log-auth-events.ts";

it("two tokens that differ are told with the places that they are in: of a fleet, the list", () => {
  const event = {
    type: "sources-disagree",
    location: "/configs/.auth_token",
    stored: "OyNd…",
    variable: "hVpI…",
  } as const;
  expect(authEventLine(event, true).text).toContain("token holds OyNd…, the list of workspaces hVpI…;");
  expect(authEventLine(event, false).text).toContain("token holds OyNd…, MOLECULE_WORKSPACE_TOKEN hVpI…;");
});
