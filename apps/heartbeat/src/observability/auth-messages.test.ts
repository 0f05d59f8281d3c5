import { AuthError } from "@x/auth-core";
import { expect, it } from "vitest";
import { authMessage } from "./auth-messages.ts";

it("two different tokens are logged with their sources", () => {
  const event = {
    type: "sources-disagree",
    location: "/configs/.auth_token",
    stored: "OyNd…",
    fallbackLocation: "the list of workspaces",
    fallback: "hVpI…",
  } as const;
  expect(authMessage(event)).toEqual({
    level: "warn",
    code: "SOURCES_DISAGREE",
    text: "/configs/.auth_token holds OyNd…, the list of workspaces hVpI…; remove the stale one",
  });
});

it("a directory that others can write to is reported with its fix", () => {
  const event = { type: "directory-writable-by-others", path: "/configs", mode: 0o777, uid: 0 } as const;
  expect(authMessage(event)).toMatchObject({
    level: "warn",
    code: "DIRECTORY_WRITABLE_BY_OTHERS",
    text: expect.stringContaining("make this user its owner, with mode 0700"),
  });
});

it("text that is not a token is reported with where it is", () => {
  const error = new AuthError("TOKEN_INVALID", "The token is in quotes; give the token alone.");
  const event = {
    type: "source-failed",
    source: "storage",
    location: "/configs/.auth_token",
    error,
  } as const;
  expect(authMessage(event)).toEqual({
    level: "error",
    code: "SOURCE_FAILED",
    text: "The token in /configs/.auth_token cannot be used. The token is in quotes; give the token alone.",
  });
});
