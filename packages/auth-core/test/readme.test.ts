import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Auth, type AuthErrorCode, type AuthEvent, createAuth } from "../src/index.ts";
import { testStorage } from "./support/storage.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const readme = read("../README.md");
const page = read("../../../docs/auth.md");

const firstColumn = (text: string, heading: string) => {
  const [, section = ""] = text.split(`## ${heading}\n`);
  const [table = ""] = section.split("\n## ");
  return [...table.matchAll(/^\| `(\S+)` *\|/gm)].map(([, name = ""]) => name).sort();
};

describe("the README", () => {
  it("lists every error code", () => {
    const codes: Record<AuthErrorCode, true> = {
      ORG_ID_INVALID: true,
      PLATFORM_URL_INVALID: true,
      TOKEN_INVALID: true,
      WORKSPACES_INVALID: true,
      WORKSPACE_ID_INVALID: true,
      PLATFORM_UNKNOWN: true,
      REDIRECT_REJECTED: true,
      STORAGE_CONFLICT: true,
      STORAGE_READ_FAILED: true,
      STORAGE_WRITE_FAILED: true,
      OPTIONS_INVALID: true,
      TOKEN_REJECTED: true,
      WORKSPACE_REMOVED: true,
    };
    expect(firstColumn(readme, "Errors")).toStrictEqual(Object.keys(codes).sort());
  });
});

describe("docs/auth.md", () => {
  it("lists every event", () => {
    const types: Record<AuthEvent["type"], true> = {
      "save-conflict": true,
      "save-failed": true,
      "source-failed": true,
      "sources-disagree": true,
      "storage-changed": true,
      "token-rejected": true,
      "token-rotated": true,
      "token-saved": true,
    };
    expect(firstColumn(page, "Events")).toStrictEqual(Object.keys(types).sort());
  });

  it("lists every method", () => {
    const methods: Record<keyof Auth, true> = {
      authHeaders: true,
      clearCache: true,
      explain: true,
      getToken: true,
      getWorkspaceToken: true,
      listRegisteredWorkspaces: true,
      platformOrigin: true,
      platformUrl: true,
      recover: true,
      refreshCache: true,
      registerWorkspaceToken: true,
      rejectToken: true,
      saveToken: true,
      selfSourceHeaders: true,
      watch: true,
    };
    const [, table = ""] = /^\| method \|[^\n]*\n((?:\|.*\n)+)/m.exec(page) ?? [];
    const documented = [...table.matchAll(/`(\w+)\(/g)].map(([, name]) => name);
    expect(documented.sort()).toStrictEqual(Object.keys(methods).sort());
  });

  it("lists every header", async () => {
    const env = { PLATFORM_URL: "https://platform.example", MOLECULE_ORG_ID: "org" };
    const headers = await createAuth({ storage: testStorage("token"), env }).selfSourceHeaders("agent-7");
    expect(firstColumn(page, "Headers")).toStrictEqual(Object.keys(headers).sort());
  });
});
