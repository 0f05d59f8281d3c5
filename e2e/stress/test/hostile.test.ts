import net from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkRejection } from "../src/hostile/fuzz-targets/fuzz-target.ts";
import { FUZZ_TARGETS } from "../src/hostile/fuzz-targets/fuzz-targets.ts";
import { idIn, originIn, repeats, tokenIn } from "../src/hostile/rules.ts";
import { statusesIn } from "../src/hostile/sockets.ts";
import { openWire, wrongWith } from "../src/hostile/wire/wire.ts";

/** The checks of the hostile experiments must detect failures. */
describe("the wire", () => {
  const ours = { authorization: "Bearer abc", origin: "http://p.example" };
  const head = "GET /x HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer abc\r\nOrigin: http://p.example";

  test("accepts the expected request, and detects every difference", () => {
    expect(wrongWith([head], ours)).toBeNull();
    expect(wrongWith([`${head}\r\nX-Injected: 1`], ours)).toBe("an unexpected header");
    expect(wrongWith([head, head], ours)).toBe("one request became two");
    expect(wrongWith([], ours)).toBe("an invalid request line");
    expect(wrongWith([head.replace("/x", "/x y")], ours)).toBe("an invalid request line");
    expect(wrongWith([head.replace("abc", "abd")], ours)).toBe("an unexpected authorization");
    expect(wrongWith([head.replace("abc", "ab\nc")], ours)).toBe("an invalid header");
    expect(wrongWith([head.replace("abc", "ab\x85")], ours)).toBe("an invalid header");
    expect(wrongWith([head.replace(/\r\nOrigin.*/, "")], ours)).toBe("no origin");
    expect(wrongWith([`${head}\r\nOrigin: http://p.example`], ours)).toBe("an unexpected header");
  });

  test("sees the bytes of a real socket, including two requests in one write", async () => {
    const wire = await openWire();
    onTestFinished(wire.close);
    const heads = await wire.heads(async () => {
      const socket = net.connect(Number(new URL(wire.origin).port), "127.0.0.1");
      socket.end(`${head}\r\n\r\nPOST /y HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}`);
      socket.resume();
      await new Promise((resolve) => socket.once("close", resolve));
    });
    expect(heads).toEqual([head, "POST /y HTTP/1.1\r\nContent-Length: 2"]);
  });
});

describe("the rules", () => {
  test("distinguish valid tokens, ids and platforms from invalid ones", () => {
    expect([tokenIn(" a b\n"), tokenIn("a\nb"), tokenIn(""), tokenIn("é"), tokenIn(5)]).toEqual([
      "a b",
      null,
      null,
      null,
      null,
    ]);
    const pasted = [
      "Bearer abc",
      "authorization: x",
      "authorization-x",
      '"abc"',
      '"abc";',
      "TOKEN=abc",
      "TOKEN= =abc",
      "export A=b",
      "myToken=b",
      "$(A)",
      "$A",
      "<t>",
    ];
    expect([...pasted, '{"a":1}', "abc\\n"].filter((text) => tokenIn(text) !== null)).toEqual([]);
    const tokens = ["abc==", "A==", "a=b", "$a", "{a", '"', "<", "bearer", "CURL a"];
    expect(tokens.filter((text) => tokenIn(text) !== text)).toEqual([]);
    expect([idIn(" a-1 "), idIn("-a"), idIn("A"), idIn("a".repeat(129)), idIn("ａ")]).toEqual([
      "a-1",
      null,
      null,
      null,
      null,
    ]);
    expect(originIn("HTTPS://P.example:443/a")).toBe("https://p.example");
    for (const url of ["https://a@b", "https://b?q", "ftp://b", "https://b\tc", "https:///b"]) {
      expect(originIn(url)).toBeNull();
    }
  });

  test("detect a partially repeated secret", () => {
    const secret = "0123456789abcdefghijklmnopqrstuvwxyz";
    expect(repeats(`no: ${secret.slice(0, 20)}`, [secret])).toBe(true);
    expect(repeats(`no: ${secret.slice(-16)}`, [secret])).toBe(true);
    expect(repeats("no: (short)", [secret])).toBe(false);
  });

  test("count an error as a rejection only with an expected code", () => {
    expect(checkRejection(new TypeError("x"), ["TOKEN_INVALID"], [])).toEqual({ bad: "threw TypeError" });
  });

  test("parse consecutive answers, and nothing else", () => {
    const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    expect(statusesIn(ok + ok)).toEqual([200, 200]);
    expect(statusesIn("HTTP/1.1 417 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")).toEqual([417]);
    expect(statusesIn("")).toEqual([]);
    expect(statusesIn(`${ok}garbage`)).toBeNull();
  });
});

test("the fuzz targets share a million inputs", () => {
  expect(FUZZ_TARGETS.reduce((sum, { share }) => sum + share, 0)).toBe(1_000_000);
});
