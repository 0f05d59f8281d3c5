import { describe, expect, it } from "vitest";
import { AGENT } from "./ids.ts";
import { ask, start } from "./support.ts";

describe("a web page of another origin", () => {
  const paths = [
    ...[
      "/",
      "/emulator/page/app.js",
      "/emulator/page/style.css",
      "/emulator/page/icon.svg",
      "/emulator/feed",
    ],
    ...["/emulator/state", "/emulator/requests"],
    "/openapi.json",
    "/emulator/nothing",
    "/%65mulator/state",
  ];

  it.each([
    ["another origin", { origin: "https://evil.example" }],
    ["no origin it would name", { origin: "null" }],
    ["another port of this machine", { origin: "http://127.0.0.1:1" }],
    ["https", { origin: "https://HOST" }],
    ["a name that now points here", { host: "evil.example" }],
    ["a name that points here, as its own origin", { host: "evil.example", origin: "http://evil.example" }],
    ["a name that looks like this machine", { host: "127.0.0.1.evil.example" }],
    ["an image tag", { "sec-fetch-site": "cross-site" }],
    ["a neighbour", { "sec-fetch-site": "same-site" }],
  ])("cannot reach the controls and the page: %s", async (_what, sent) => {
    const emulator = await start();
    const { host } = new URL(emulator.url);
    const headers = Object.fromEntries(
      Object.entries(sent).map(([name, value]) => [name, value.replace("HOST", host)]),
    );
    for (const path of paths) expect((await ask(emulator, path, { headers })).status).toBe(403);
    const rotate = await ask(emulator, `/emulator/workspaces/${AGENT}/rotate`, { method: "POST", headers });
    expect(rotate.status).toBe(403);
    expect(emulator.workspaces()).toEqual([]);
  });

  it("is distinguished from the emulator's own page and from a command line", async () => {
    const emulator = await start();
    const { host, port } = new URL(emulator.url);
    for (const headers of [
      {},
      { origin: `http://${host}`, "sec-fetch-site": "same-origin" },
      { host: `localhost:${port}`, origin: `http://localhost:${port}` },
      { host: `[::1]:${port}` },
      { "sec-fetch-site": "none" },
    ]) {
      expect((await ask(emulator, "/emulator/state", { headers })).status).toBe(200);
    }
  });

  it("cannot list itself as an origin for the controls", async () => {
    const origin = "https://canvas.example";
    const emulator = await start({ allowedOrigins: [origin] });
    expect((await ask(emulator, "/health", { headers: { origin } })).status).toBe(200);
    expect((await ask(emulator, "/emulator/state", { headers: { origin } })).status).toBe(403);
  });
});
