import type { ServerResponse } from "node:http";
import type { App, Platform } from "../app.ts";
import type { Watcher } from "../dashboard/feed.ts";
import { MAX_WATCHERS } from "../limits.ts";
import { readPageFiles } from "../page-files.ts";

/** The page connects only to the emulator itself, and never interprets text as markup. */
const PAGE_HEADERS = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "cache-control": "no-cache",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** A page's reconnection delay. */
const RETRY_MS = 1_000;

/** The page and its feed. The guard of the controls applies to both. */
export async function dashboardRoutes(app: App, { feed, orgId = "" }: Platform): Promise<void> {
  for (const { url, type, content } of await readPageFiles()) {
    const sent = url === "/" ? withOrgId(content, orgId) : content;
    app.get(url, { schema: { hide: true } }, async (_request, reply) =>
      reply.headers(PAGE_HEADERS).type(type).send(sent),
    );
  }

  app.get("/favicon.ico", { schema: { hide: true } }, async (_request, reply) => reply.code(204).send());

  app.get("/emulator/feed", { schema: { hide: true } }, async (_request, reply) => {
    if (feed.watchers >= MAX_WATCHERS) {
      return reply.code(503).send({ error: `only ${MAX_WATCHERS} pages may follow the feed at once` });
    }
    reply.hijack();
    reply.raw.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "cross-origin-resource-policy": "same-origin",
      "x-content-type-options": "nosniff",
    });
    reply.raw.write(`retry: ${RETRY_MS}\n\n`);
    reply.raw.once("close", feed.watch(watcherOf(reply.raw)));
  });
}

/** A watcher connected over HTTP. It is not ready until the connection has drained. */
function watcherOf(response: ServerResponse): Watcher {
  return {
    ready: () => !response.writableNeedDrain && !response.destroyed,
    send: (message) => void response.write(`data: ${JSON.stringify(message)}\n\n`),
  };
}

/** The page, with the tenant that it names when it joins as a workspace. */
function withOrgId(html: string, orgId: string): string {
  const text = orgId.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return html.replace('<meta name="org-id" content="" />', () => `<meta name="org-id" content="${text}" />`);
}
