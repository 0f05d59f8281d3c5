/**
 * The size budget of an application's bundle: tree-shaken, minified, compressed with brotli. A storage may add 1.1 kB
 * to the core's. The last 50 bytes of each are slack: any change renames what the minifier shortens, which alone moves a
 * size by 20 bytes.
 */
const core = "node_modules/@x/auth-core/dist/index.js";
const headers = "../../packages/auth-core/src/headers.ts";
const settings = "../../packages/auth-core/src/settings.ts";
const browser = "node_modules/@x/auth-browser/dist/index.js";

export default [
  {
    name: "createAuth with memoryTokenStorage",
    path: core,
    import: "{ createAuth, memoryTokenStorage }",
    limit: "5.15 kB",
  },
  {
    name: "createAuth with memoryTokenStorage and createAuthFetch",
    path: core,
    import: "{ createAuth, createAuthFetch, memoryTokenStorage }",
    limit: "6.5 kB",
  },
  {
    name: "the logic of authHeaders alone",
    path: headers,
    import: { [headers]: "{ buildHeaders }", [settings]: "{ Settings }" },
    limit: "1 kB",
  },
  {
    name: "createAuth with webTokenStorage",
    path: browser,
    import: { [core]: "{ createAuth }", [browser]: "{ webTokenStorage }" },
    limit: "6.15 kB",
  },
  {
    name: "createAuth with indexedDbTokenStorage",
    path: browser,
    import: { [core]: "{ createAuth }", [browser]: "{ indexedDbTokenStorage }" },
    limit: "6.15 kB",
  },
  {
    name: "createBrowserAuth, createAuthFetch, both storages, oneTabAtATime",
    path: browser,
    import: {
      [core]: "{ createAuthFetch }",
      [browser]: "{ createBrowserAuth, indexedDbTokenStorage, oneTabAtATime, webTokenStorage }",
    },
    limit: "8.4 kB",
  },
];
