import { describe, expect, it } from "vitest";
import { checkProxies, readProxies } from "./proxies.ts";

const PLATFORM = "https://platform.corp.example:8443/base";
const proxy = (env: Record<string, string>, url = PLATFORM) => readProxies(env).routeTo(url).proxy;

describe("the proxy for a platform", () => {
  it("HTTPS_PROXY for https, HTTP_PROXY for http, ALL_PROXY if neither is set; lower case first", () => {
    const env = { HTTPS_PROXY: "http://s:1", HTTP_PROXY: "http://p:2", ALL_PROXY: "http://a:3" };
    expect(proxy(env)).toMatchObject({ origin: "http://s:1", variable: "HTTPS_PROXY" });
    expect(proxy(env, "http://platform.corp.example")).toMatchObject({ origin: "http://p:2" });
    expect(proxy({ ...env, https_proxy: "http://low:4" })).toMatchObject({ variable: "https_proxy" });
    expect(proxy({ ...env, https_proxy: " " })).toMatchObject({ variable: "HTTPS_PROXY" });
    expect(proxy({ HTTP_PROXY: "http://p:2", all_proxy: "http://a:3" })).toMatchObject({
      variable: "all_proxy",
    });
    expect(proxy({ HTTP_PROXY: "http://p:2" })).toBeNull();
    expect(readProxies({}).routeTo(PLATFORM)).toEqual({ proxy: null, why: "none" });
  });

  it.each([
    "http://localhost:1",
    "http://a.localhost",
    "https://127.0.0.1",
    "http://127.8.9.1",
    "http://[::1]:3",
    "http://[::ffff:127.0.0.1]",
    "http://0.0.0.0:8787",
  ])("none for this machine: %s", (url) => {
    const env = { HTTPS_PROXY: "http://s:1", HTTP_PROXY: "http://p:2" };
    expect(readProxies(env).routeTo(url)).toEqual({ proxy: null, why: "this-machine" });
  });

  it.each([
    ["platform.corp.example", true],
    ["PLATFORM.corp.example", true],
    ["corp.example", true],
    [".corp.example", true],
    ["*.corp.example", true],
    ["*", true],
    ["other, platform.corp.example", true],
    ["other platform.corp.example", true],
    ["other;platform.corp.example", true],
    ["other,\n\tplatform.corp.example,", true],
    ["*.corp.example:8443", true],
    ["*:8443", true],
    ["*:443", false],
    ["platform.corp.example:8443", true],
    ["platform.corp.example:443", false],
    ["https://platform.corp.example/", true],
    ["platform.corp.example.", true],
    ["platform.*.example", true],
    ["orm.corp.example", false],
    ["corp.exampl", false],
    [".", false],
    ["10.0.0.0/8", false],
    ["", false],
  ])("NO_PROXY=%s exempts it: %s", (list, isExempt) => {
    for (const name of ["NO_PROXY", "no_proxy"]) {
      const route = readProxies({ HTTPS_PROXY: "http://s:1", [name]: list }).routeTo(PLATFORM);
      expect(route.proxy === null).toBe(isExempt);
    }
  });

  it.each([
    ["https://10.1.2.3", "10.0.0.0/8", true],
    ["https://10.1.2.3", "10.1.2.3", true],
    ["https://10.1.2.3", "10.1.2.3:443", true],
    ["https://10.1.2.3", "10.*", true],
    ["https://11.1.2.3", "10.0.0.0/8", false],
    ["https://10.1.2.3", "10.0.0.0/99", false],
    ["https://[fd00::7]:444", "fd00::7", true],
    ["https://[fd00::7]:444", "[fd00::7]:444", true],
    ["https://[fd00::7]:444", "fd00::/8", true],
    ["https://[fd00::7]:444", "[fd00::7]:443", false],
    ["https://[fd00::7]:444", "FD00:0:0:0::7", true],
    ["https://[fd00::7]:444", "[fd00::]/8", true],
    ["https://[fd00::7]:444", "fe80::/10", false],
    ["https://[::ffff:10.1.2.3]", "10.0.0.0/8", true],
    ["https://10.1.2.3", "10.1.2.0/24:443", true],
    ["https://b\u00fccher.example", "b\u00fccher.example", true],
    ["https://shop.b\u00fccher.example", ".B\u00dcCHER.example", true],
    ["https://b\u00fccher.example", "xn--bcher-kva.example", true],
  ])("%s with NO_PROXY=%s: %s", (url, list, isExempt) => {
    const route = readProxies({ HTTPS_PROXY: "http://s:1", NO_PROXY: list }).routeTo(url);
    expect(route.proxy === null).toBe(isExempt);
  });
});

describe("the URL of a proxy", () => {
  it.each([
    ["http://proxy.example:3128", "http://proxy.example:3128", null],
    ["http://proxy.example/", "http://proxy.example", null],
    ["https://proxy.example", "https://proxy.example", null],
    ["proxy.example:3128", "http://proxy.example:3128", null],
    ["10.0.0.1:3128", "http://10.0.0.1:3128", null],
    ["http://[fd00::1]:3128", "http://[fd00::1]:3128", null],
    ["http://user:p%40ss%3A@proxy.example:3128", "http://proxy.example:3128", "user:p@ss:"],
    ["user:pass@proxy.example:3128", "http://proxy.example:3128", "user:pass"],
    ["http://user@proxy.example", "http://proxy.example", "user:"],
  ])("may be %s", (text, origin, user) => {
    const found = proxy({ HTTPS_PROXY: text });
    expect(found?.origin).toBe(origin);
    const expected = user === null ? null : `Basic ${Buffer.from(user).toString("base64")}`;
    expect(found?.authorization()).toBe(expected);
    expect(JSON.stringify(found)).not.toContain("pass");
  });

  it.each([
    "http:/s3cr3t",
    "http//s3cr3t:3128",
    "htpp://s3cr3t:3128",
    "http://s3cr3t:port",
    "http://s3cr3t:99999",
    "http://",
    ":3128",
    "3128",
    "http://a s3cr3t",
    '"http://s3cr3t:3128"',
    "http://user:s3cr3t#x@proxy",
    "http://user:s3cr3t%zz@proxy",
    "http://proxy/s3cr3t",
    "http://proxy?s3cr3t",
    "socks5://user:s3cr3t@proxy",
    "ftp://s3cr3t",
  ])("%s is rejected, naming the variable but never the value", (text) => {
    for (const check of [() => proxy({ HTTPS_PROXY: text }), () => checkProxies({ HTTPS_PROXY: text })]) {
      expect(check).toThrow(/^HTTPS_PROXY (is not the URL of a proxy|names a SOCKS proxy)/);
      expect(check).not.toThrow("s3cr3t");
    }
  });

  it("of ALL_PROXY is not a problem when it is not used", () => {
    const env = { ALL_PROXY: "socks5://127.0.0.1:1080", HTTPS_PROXY: "http://s:1" };
    expect(() => checkProxies(env)).not.toThrow();
    expect(proxy(env)).toMatchObject({ origin: "http://s:1" });
    expect(() => proxy(env, "http://platform.example")).toThrow("ALL_PROXY names a SOCKS proxy");
  });
});
