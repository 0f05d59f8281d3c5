import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";
import { compileErrors } from "./support/compile.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ["lib.es2022.d.ts"],
  types: [],
  typeRoots: [`${root}../../node_modules/@types`],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
};

// Inside the package, so that it resolves by name, as for its users.
const name = `${root}test/consumer.ts`;
const compile = (statements: string[], more: ts.CompilerOptions = {}) =>
  compileErrors({ [name]: statements.join("\n") }, { ...options, ...more });

const use = [
  'import { type Auth, createAuth, createAuthFetch, isAuthError, memoryTokenStorage } from "@x/auth-core";',
  'const storage = { location: "mine", read: () => null, write: async () => {} };',
  'const env = { PLATFORM_URL: "https://p.example" };',
  "export const auth: Auth = createAuth({ storage, env, onEvent: (event) => event.type.length });",
  "createAuth({ storage: memoryTokenStorage() });",
  'export const code = (error: unknown) => (isAuthError(error) && error.code === "TOKEN_INVALID" ? 1 : 0);',
  'export const send = createAuthFetch(auth, { workspaceId: "a", source: true });',
];

it("the published types need neither the DOM nor Node", () => {
  expect(compile(use)).toStrictEqual([]);
});

it.each([
  ["Node", { types: ["node"] }],
  ["the DOM", { lib: ["lib.es2022.d.ts", "lib.dom.d.ts"] }],
])("with %s, createAuthFetch returns that runtime's fetch type", (_, runtime) => {
  const asFetch = [
    ...use,
    "export const same: typeof fetch = send;",
    'export const sent: Promise<Response> = send("https://p.example", { method: "POST", body: "{}" });',
  ];
  expect(compile(asFetch, { ...runtime, skipLibCheck: true })).toStrictEqual([]);
});

it("misuse does not compile", () => {
  const wrong = [
    "createAuth({ storage, environment: {} });",
    "createAuth({ storage: { ...storage, read: () => 7 } });",
    'createAuthFetch(auth, { workspace: "a" });',
    "auth.saveToken(7);",
    "auth.getToken().then((token: string) => token);",
    'code("x") === "TOKEN_INVALID";',
  ];
  expect(compile([...use, ...wrong])).toStrictEqual(wrong.map((_, n) => `${name}:${use.length + n + 1}`));
});
