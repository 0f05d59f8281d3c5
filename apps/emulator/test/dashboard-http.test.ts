import { get } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import type { FeedMessage } from "../src/dashboard/messages.ts";
import { ask, heartbeat, join, start } from "./support.ts";

const FILES = ["/", "/emulator/page/app.js", "/emulator/page/style.css", "/emulator/page/icon.svg"];

/** Opens the feed. @returns its messages, one after another */
async function openFeed(url: string): Promise<AsyncIterator<FeedMessage>> {
  const incoming = await new Promise<AsyncIterable<Buffer> & { destroy(): void }>((resolve, reject) => {
    get(`${url}/emulator/feed`, { agent: false }, resolve).on("error", reject);
  });
  onTestFinished(() => incoming.destroy());
  return messagesIn(incoming);
}

async function* messagesIn(incoming: AsyncIterable<Buffer>): AsyncGenerator<FeedMessage> {
  let text = "";
  for await (const chunk of incoming) {
    text += chunk;
    const messages = text.split("\n\n");
    text = messages.pop() ?? "";
    for (const message of messages)
      if (message.startsWith("data: ")) yield JSON.parse(message.slice("data: ".length));
  }
}

describe("the page over HTTP", () => {
  it("is served with its files, all restricted to the emulator's origin", async () => {
    const emulator = await start();
    for (const path of FILES) {
      const { status, headers } = await ask(emulator, path);
      expect([path, status]).toEqual([path, 200]);
      const policy = String(headers["content-security-policy"]);
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
      });
    }
    const { text, headers } = await ask(emulator, "/");
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(text).not.toMatch(/\son\w+=|\sstyle=|<style|<script>/);
    expect(text.match(/(?:src|href)="[^"#]+"/g)?.every((link) => link.includes('"/emulator/page/'))).toBe(
      true,
    );
  });

  it("answers a browser's automatic icon request, which does not count as a platform request", async () => {
    const emulator = await start();
    expect((await ask(emulator, "/favicon.ico")).status).toBe(204);
    expect(emulator.requests).toEqual([]);
  });

  it("is not recorded, and bypasses outages, the tenant guard and the rate limit", async () => {
    const emulator = await start({ orgId: "org-1", rateLimit: { max: 1, windowMs: 60_000 } });
    emulator.outage({ kind: "refuse" });
    for (const path of FILES) expect((await ask(emulator, path)).status).toBe(200);
    expect(emulator.requests).toEqual([]);
    await expect(ask(emulator, "/", { method: "POST" })).rejects.toThrow();
    expect(emulator.requests).toMatchObject([{ method: "POST", path: "/" }]);
  });
});

describe("the feed over HTTP", () => {
  it("reports a request's latency, including the added delay", async () => {
    const emulator = await start();
    const feed = await openFeed(emulator.url);
    expect((await feed.next()).value).toMatchObject({ reset: true, cards: [], platform: { latencyMs: 0 } });
    const token = await join(emulator);
    emulator.latency(150);
    await heartbeat(emulator, token);
    let latencyMs = 0;
    while (latencyMs < 149) latencyMs = (await feed.next()).value.cards[0]?.latencyMs ?? latencyMs;
    expect(latencyMs).toBeLessThan(5_000);
  });

  it("ends when the emulator closes", async () => {
    const emulator = await start();
    const feed = await openFeed(emulator.url);
    await feed.next();
    await emulator.close();
    await expect(
      feed.next().then(({ done }) => (done ? Promise.reject(new Error("aborted")) : done)),
    ).rejects.toThrow("aborted");
  });
});
