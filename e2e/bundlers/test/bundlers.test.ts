import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromiumLaunch } from "@x/e2e-browser/chromium";
import { transform } from "esbuild";
import { chromium } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Bundle, bundlers } from "../src/bundlers.ts";

const here = fileURLToPath(new URL("..", import.meta.url));

/** The application as JavaScript, in a temporary folder inside this package so that its imports resolve. */
async function scratch(code: string): Promise<{ entry: string; folder: string }> {
  await mkdir(join(here, "dist"), { recursive: true });
  const folder = await mkdtemp(join(here, "dist/bundle-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const entry = join(folder, "entry.js");
  await writeFile(entry, code);
  return { entry, folder };
}

async function bundleApp(name: string): Promise<Bundle> {
  const source = await readFile(join(here, "src/app.ts"), "utf8");
  const { code } = await transform(source, { loader: "ts", format: "esm" });
  const { entry, folder } = await scratch(code);
  return await (bundlers[name] ?? expect.fail())(entry, folder);
}

const HTML = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/app.js"></script>';

/** The final title of a page that runs this script. */
async function titleWith(code: string): Promise<string> {
  const server = createServer((request, response) => {
    const script = request.url === "/app.js";
    response.setHeader("content-type", script ? "text/javascript" : "text/html");
    response.end(script ? code : HTML);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const browser = await chromium.launch(chromiumLaunch());
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => document.title !== "");
  return page.title();
}

for (const name of Object.keys(bundlers)) {
  describe(name, () => {
    it("bundles both packages for the browser without a warning, a Node module or a polyfill", async () => {
      const { code, warnings } = await bundleApp(name);
      expect(warnings).toEqual([]);
      expect(code).not.toMatch(/\bnode:/);
      expect(code).not.toMatch(
        /\brequire\(|__webpack_require__|\bprocess\.|\bBuffer\b|browser-external|__vite/,
      );
    });

    it("makes a bundle that works in a page", async () => {
      const { code } = await bundleApp(name);
      const token = "bund-s3cr3t-of-the-bundle";
      expect(await titleWith(code)).toBe(`${[token, token, token].join()} 1`);
    });
  });
}

describe("@x/auth-node, which is not for browsers", () => {
  it("fails to bundle, with an error that names the Node module", async () => {
    const { entry, folder } = await scratch(
      'import { createNodeAuth } from "@x/auth-node"; createNodeAuth();',
    );
    await expect(bundlers.esbuild?.(entry, folder)).rejects.toThrow(/Could not resolve "node:/);
  });
});
