import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { chromiumLaunch } from "../src/chromium.ts";
import { openSite } from "./open.ts";

const packages = fileURLToPath(new URL("../node_modules/", import.meta.url));
const comesWithNpm = process.platform === "linux" && process.arch === "x64";

afterEach(() => vi.unstubAllEnvs());

describe("the test browser", () => {
  it.runIf(comesWithNpm)("comes from npm, regardless of what the machine has installed", () => {
    vi.stubEnv("CHROMIUM_PATH", "");
    vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:9");
    const { executablePath, env = {} } = chromiumLaunch();
    expect(executablePath.startsWith(packages)).toBe(true);
    expect(Object.keys(env)).not.toContain("HTTPS_PROXY");
    for (const name of ["HOME", "TMPDIR", "FONTCONFIG_FILE"]) {
      expect(env[name]?.startsWith(packages)).toBe(true);
      expect(existsSync(env[name] ?? "")).toBe(true);
    }
  });

  it("is the one at CHROMIUM_PATH if that is set", () => {
    vi.stubEnv("CHROMIUM_PATH", "/opt/browser");
    expect(chromiumLaunch({ args: ["--some-flag"] })).toMatchObject({
      executablePath: "/opt/browser",
      args: expect.arrayContaining(["--no-sandbox", "--some-flag"]),
    });
  });

  it("may make background requests: the platform counts only its own", async () => {
    const { url, platform } = await openSite();
    for (const path of ["/favicon.ico", "/.well-known/appspecific/com.chrome.devtools.json"]) {
      expect((await fetch(`${url}${path}`)).status).toBe(404);
    }
    expect(platform.seen).toEqual([]);
  });
});
