import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Platform } from "./platform.ts";

const page =
  '<!doctype html><meta charset="utf-8"><title>agent</title><link rel="icon" href="data:,"><script src="/page.js"></script>';

export type Site = Awaited<ReturnType<typeof startSite>>;

/** A site whose pages load the built packages, with a platform behind it. */
export async function startSite() {
  const scripts: Readonly<Record<string, string>> = {
    "/page.js": await bundle("page"),
    "/worker.js": await bundle("worker"),
    "/service-worker.js": await bundle("service-worker"),
  };
  const platform = new Platform();
  const server = createServer((request, response) => {
    const { method = "GET", url = "/", headers } = request;
    const script = scripts[url];
    if (script !== undefined) {
      response.writeHead(200, { "content-type": "text/javascript" }).end(script);
    } else if (url === "/" || url === "/blocked") {
      // The server itself denies this page storage.
      const sandbox = url === "/blocked" ? { "content-security-policy": "sandbox allow-scripts" } : {};
      response.writeHead(200, { "content-type": "text/html", ...sandbox }).end(page);
    } else if (!url.startsWith("/registry/")) {
      // The browser's own requests (such as the favicon) do not go to the platform.
      response.writeHead(404).end();
    } else {
      response.setHeader("access-control-allow-origin", headers.origin ?? "*");
      response.setHeader(
        "access-control-allow-headers",
        "authorization, content-type, x-workspace-id, x-molecule-org-id",
      );
      if (method === "OPTIONS") {
        response.writeHead(204).end();
        return;
      }
      const { status, json } = platform.answer({ method, path: url, headers });
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    platform,
    port,
    /** `http://127.0.0.1:<port>`: a secure context, although not https. */
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const scriptsFolder = fileURLToPath(new URL("scripts/", import.meta.url));

const bundle = async (name: string) =>
  bundleText(await readFile(`${scriptsFolder}${name}.ts`, "utf8"), "iife");

/** Bundles an application with the built packages, as its own build would. */
export async function bundleText(contents: string, format: "iife" | "esm"): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, loader: "ts", resolveDir: scriptsFolder },
    bundle: true,
    write: false,
    format,
    target: "es2022",
    logLevel: "warning",
  });
  return outputFiles[0]?.text ?? "";
}
