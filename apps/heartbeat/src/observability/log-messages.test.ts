import { expect, it } from "vitest";
import { authEventMessage } from "./log-messages.ts";

it("two tokens that differ are logged with their sources: of a fleet, the list", () => {
  const event = {
    type: "sources-disagree",
    location: "/configs/.auth_token",
    stored: "OyNd…",
    variable: "hVpI…",
  } as const;
  expect(authEventMessage(event, true).text).toContain("token holds OyNd…, the list of workspaces hVpI…;");
  expect(authEventMessage(event, false).text).toContain("token holds OyNd…, MOLECULE_WORKSPACE_TOKEN hVpI…;");
});
