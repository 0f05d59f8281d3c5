import { expect, it } from "vitest";
import { clearEnvironment } from "../../environment.ts";

it("the configuration of an agent on this machine does not reach the tests", () => {
  const env: NodeJS.ProcessEnv = {
    MOLECULE_WORKSPACE_TOKEN: "of-the-machine",
    MOLECULE_ORG_ID: "of-the-machine",
    PLATFORM_URL: "https://platform.example",
    WORKSPACE_ID: "of-the-machine",
    CONFIGS_DIR: "/configs",
    https_proxy: "http://proxy.example",
    NO_PROXY: "*",
    FORCE_COLOR: "1",
    GIT_DIR: "/elsewhere/.git",
    PATH: "/usr/bin",
    CHROMIUM_PATH: "/opt/browser",
  };
  clearEnvironment(env);
  expect(env).toEqual({ PATH: "/usr/bin", CHROMIUM_PATH: "/opt/browser" });
  const left = Object.keys(process.env).filter((name) =>
    /^(?:MOLECULE_|PLATFORM_URL|CONFIGS_DIR)/.test(name),
  );
  expect(left).toEqual([]);
});
