import { Readable } from "node:stream";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type FetchLike, fetchTransport } from "./fetch-transport.ts";

const request = {
  method: "POST",
  url: "https://p.example/x",
  headers: { A: "b" },
  body: "{}",
  signal: undefined,
  timeoutMs: 10_000,
  maxBytes: 8,
} as const;

const respond =
  (...chunks: string[]): FetchLike =>
  async () => {
    const left = chunks.map((chunk) => Buffer.from(chunk, "latin1"));
    const read = async () => ({ done: left.length === 0, value: left.shift() });
    return {
      status: 200,
      headers: { get: () => null },
      body: { getReader: () => ({ read, cancel: async () => {} }) },
    };
  };

const textOf = async (fetchLike: FetchLike) => (await fetchTransport(fetchLike).request(request)).text;

/** As in React Native and the polyfill whatwg-fetch. */
class WholeResponse {
  readonly status = 200;
  readonly headers = new Headers();
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  async text(): Promise<string> {
    return this.#text;
  }
}

describe("a transport over fetch", () => {
  it("passes the request on, and follows no redirect", async () => {
    const calls: unknown[] = [];
    const fetchLike: FetchLike = async (url, init) => {
      calls.push([url, { ...init, signal: init.signal.aborted }]);
      return { status: 204, headers: { get: () => null }, body: null };
    };
    expect(await fetchTransport(fetchLike).request(request)).toMatchObject({ status: 204, text: "" });
    const init = { method: "POST", headers: { A: "b" }, body: "{}", redirect: "manual", signal: false };
    expect(calls).toEqual([["https://p.example/x", init]]);
  });

  it("reads UTF-8 split at any byte, up to the limit", async () => {
    expect(await textOf(respond("\xc3", "\xa4\xf0\x9f", "\x98\x80"))).toBe("ä😀");
    expect(await textOf(respond("1234", "5678"))).toBe("12345678");
    expect(await textOf(respond("1234", "56789"))).toBeNull();
  });

  it("reads a Node stream, as node-fetch returns it, up to the limit", async () => {
    const body = Readable.from(["12", "34"].map((chunk) => Buffer.from(chunk)));
    const streaming: FetchLike = async () => ({ status: 200, headers: { get: () => null }, body });
    expect(await textOf(streaming)).toBe("1234");
    const endless = Readable.from(Array.from({ length: 99 }, () => Buffer.from("1234")));
    expect(
      await textOf(async () => ({ status: 200, headers: { get: () => null }, body: endless })),
    ).toBeNull();
    await vi.waitFor(() => expect(endless.destroyed).toBe(true));
  });

  it("reads the whole text where fetch has no streams, as in React Native, up to the limit", async () => {
    const whole = (text: string) => textOf(async () => new WholeResponse(text));
    expect(await whole("12345678")).toBe("12345678");
    expect(await whole("123456789")).toBeNull();
    await expect(textOf(async () => ({ status: 200, headers: new Headers() }))).rejects.toThrow("neither");
    vi.stubGlobal("TextDecoder", undefined);
    onTestFinished(() => void vi.unstubAllGlobals());
    expect(await textOf(async () => new Response("12345678"))).toBe("12345678");
  });

  it("ends when the signal aborts, even if fetch ignores it", async () => {
    const controller = new AbortController();
    const hanging: FetchLike = () => new Promise(() => {});
    const sent = fetchTransport(hanging).request({ ...request, signal: controller.signal });
    controller.abort(new Error("stop"));
    await expect(sent).rejects.toThrow("stop");
    await expect(
      fetchTransport(hanging).request({ ...request, signal: AbortSignal.abort() }),
    ).rejects.toBeDefined();
    await expect(fetchTransport(hanging).request({ ...request, timeoutMs: 5 })).rejects.toEqual({
      code: "TIMEOUT",
    });
  });

  it("leaves no listener behind on a long-lived signal", async () => {
    const listeners = new Set<unknown>();
    const signal: AbortSignal = Object.assign(new AbortController().signal, {
      addEventListener: (_: string, listener: unknown) => void listeners.add(listener),
      removeEventListener: (_: string, listener: unknown) => void listeners.delete(listener),
    });
    await fetchTransport(respond("{}")).request({ ...request, signal });
    await fetchTransport(() => Promise.reject(new Error("x")))
      .request({ ...request, signal })
      .catch(() => {});
    expect(listeners.size).toBe(0);
  });
});
