import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as browser from "@x/auth-browser";
import * as core from "@x/auth-core";
import * as node from "@x/auth-node";
import * as testing from "@x/auth-testing";
import * as client from "@x/platform-client";
import { type Block, root } from "./documents.ts";

const PACKAGES = {
  "auth-browser": browser,
  "auth-core": core,
  "auth-node": node,
  "auth-testing": testing,
  "platform-client": client,
};

/** Declarations that examples assume. */
const GIVEN: Readonly<Record<string, string>> = {
  auth: 'declare const auth: import("@x/auth-core").Auth;',
  Agent: "declare const Agent: new () => { compose(interceptor: unknown): unknown };",
  authInterceptor: 'declare const authInterceptor: typeof import("@x/auth-node/undici").authInterceptor;',
  axios: "declare const axios: { interceptors: { request: { use(interceptor: unknown): void } } };",
  configsDir: "declare const configsDir: string;",
  issued: "declare const issued: string;",
  client: 'declare const client: import("@x/platform-client").PlatformClient;',
  platformUrl: "declare const platformUrl: string;",
  stats: 'declare const stats: import("@x/platform-client").HeartbeatStats;',
  storage: 'declare const storage: import("@x/auth-core").TokenStorage;',
  token: "declare const token: string;",
  url: "declare const url: string;",
  workspaceId: "declare const workspaceId: string;",
  register: "declare function register(): Promise<string>;",
  retryLater: "declare function retryLater(): void;",
};

/** The examples in the packages' doc comments, which the API reference shows, each with the imports that it needs. */
export function examplesInComments(): Block[] {
  return Object.keys(PACKAGES).flatMap((name) => {
    const folder = `packages/${name}/src`;
    const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).filter(
      (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"),
    );
    return files.flatMap((file) => examplesIn(`${folder}/${file}`));
  });
}

function examplesIn(path: string): Block[] {
  const text = readFileSync(join(root, path), "utf8");
  const found = text.matchAll(/^ \* @example\n((?: \*(?: (?!@).*)?\n)+)/gm);
  return Array.from(found, ({ 1: comment = "", index }) => {
    const code = comment.replaceAll(/^ \* ?/gm, "");
    const line = text.slice(0, index).split("\n").length;
    return { location: `${path}:${line}`, document: path, language: "ts", code: preludeOf(code) + code };
  });
}

function preludeOf(code: string): string {
  const isMissing = (name: string) =>
    new RegExp(`\\b${name}\\b`).test(code) && !new RegExp(`\\b(const|let) ${name}\\b`).test(code);
  const imported = new Set<string>();
  const imports = Object.entries(PACKAGES).map(([name, exported]) => {
    // A symbol that several packages export is imported once.
    const used = Object.keys(exported).filter((key) => isMissing(key) && !imported.has(key));
    for (const key of used) imported.add(key);
    return `import { ${used.join(", ")} } from "@x/${name}";\n`;
  });
  const given = Object.entries(GIVEN).flatMap(([name, declaration]) =>
    isMissing(name) ? `${declaration}\n` : [],
  );
  return [...imports, ...given].join("");
}
