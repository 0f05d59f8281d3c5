import { describe, expect, it } from "vitest";
import { advice, needsAction } from "./advice.ts";
import { noAnswer } from "./classify.ts";
import { networkErrorCode } from "./network-code.ts";

const coded = (code: string, more: object = {}) => Object.assign(new Error("Bearer abc"), { code }, more);

describe("the code of a network error", () => {
  it("is the error's, its cause's, or that of one of the addresses tried", () => {
    expect(networkErrorCode(coded("ECONNRESET"))).toBe("ECONNRESET");
    expect(networkErrorCode(new TypeError("fetch failed", { cause: coded("ENOTFOUND") }))).toBe("ENOTFOUND");
    const both = Object.assign(new AggregateError([coded("ENETUNREACH"), coded("ECONNREFUSED")]), {
      code: "ENETUNREACH",
    });
    expect(networkErrorCode(new TypeError("fetch failed", { cause: both }))).toBe("ECONNREFUSED");
    expect(networkErrorCode(new AggregateError([coded("ENETUNREACH"), coded("EHOSTUNREACH")]))).toBe(
      "ENETUNREACH",
    );
  });

  it("names undici's error for a response that is not HTTP, which has no code", () => {
    const parsing = Object.assign(new Error("Bearer abc"), { name: "HTTPParserError", code: undefined });
    const failure = noAnswer(new TypeError("fetch failed", { cause: parsing }), []);
    expect(advice(failure)).toContain("does not speak HTTP");
    expect(failure.code).toBe("HPE_INVALID_RESPONSE");
  });

  it("is never taken from a message, and found despite circular causes", () => {
    const circle = new Error("ECONNREFUSED");
    circle.cause = circle;
    expect(networkErrorCode(circle)).toBe("NETWORK_ERROR");
    expect(networkErrorCode(new AggregateError(Array(1_000).fill(circle)))).toBe("NETWORK_ERROR");
  });
});

describe("the cause of a network error's code", () => {
  it.each([
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "NODE_EXTRA_CA_CERTS"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "NODE_EXTRA_CA_CERTS"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "NODE_EXTRA_CA_CERTS"],
    ["CERT_HAS_EXPIRED", "expired"],
    ["CERT_NOT_YET_VALID", "clock"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "another name"],
    ["CERT_REVOKED", "install another one"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "perhaps http"],
    ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "agree on TLS"],
    ["HTTPS_EXPECTED", "https://"],
    ["PROXY_HTTP_407", "user name and a password"],
    ["PROXY_HTTP_403", "NO_PROXY"],
    ["PROXY_CERT_HAS_EXPIRED", "The proxy's certificate has expired"],
  ])("%s requires action, and nothing was sent", (code, words) => {
    const failure = noAnswer(coded(code), []);
    expect(failure).toMatchObject({ kind: "unavailable", code, sent: "no" });
    expect(advice(failure)).toContain(words);
    expect(needsAction(failure)).toBe(true);
  });

  it.each(["UND_ERR_HEADERS_OVERFLOW", "HPE_HEADER_OVERFLOW"])("%s requires action", (code) => {
    const failure = noAnswer(coded(code), []);
    expect(failure).toMatchObject({ kind: "unavailable", code, sent: "maybe" });
    expect(advice(failure)).toContain("--max-http-header-size");
    expect(needsAction(failure)).toBe(true);
  });

  it.each([
    ["ECONNREFUSED", "no", "PLATFORM_URL"],
    ["ENOTFOUND", "no", "DNS"],
    ["EAI_AGAIN", "no", "DNS"],
    ["ENETUNREACH", "no", "network"],
    ["ETIMEDOUT", "no", "firewall"],
    ["TIMEOUT", "maybe", "in time"],
    ["ECONNRESET", "maybe", "closed"],
    ["HPE_INVALID_HEADER_TOKEN", "maybe", "HTTP"],
    ["PROXY_ECONNREFUSED", "no", "HTTPS_PROXY"],
    ["PROXY_ECONNRESET", "no", "the proxy"],
    ["PROXY_HTTP_502", "no", "PLATFORM_URL"],
  ])("%s may be temporary", (code, sent, words) => {
    const failure = noAnswer(coded(code), []);
    expect(failure.sent).toBe(sent);
    expect(advice(failure)).toContain(words);
    expect(needsAction(failure)).toBe(false);
  });

  it.each([
    ["unauthorized", "TOKEN_REJECTED", true],
    ["not_found", "WORKSPACE_NOT_FOUND", true],
    ["not_found", "SOMETHING_NEW", false],
    ["invalid", "SOMETHING_NEW", true],
    ["circuit_open", "CIRCUIT_OPEN", false],
  ] as const)("an answer of kind %s with %s: action required, %s", (kind, code, isRequired) => {
    expect(needsAction({ ...noAnswer(coded("EOF"), []), kind, code })).toBe(isRequired);
  });

  it("leaves no placeholder in any advice", () => {
    for (const code of ["ECONNREFUSED", "PROXY_ECONNREFUSED", "EPROTO", "PROXY_EPROTO", "PROXY_HTTP_407"]) {
      expect(advice({ code })).not.toMatch(/[{}]/);
    }
  });

  it("is undefined for an unknown code, and for a property of every object", () => {
    for (const code of ["EWHATEVER", "PROXY_EWHATEVER", "constructor", "PROXY_constructor", "HTTP_407"]) {
      expect(advice({ code })).toBeNull();
    }
  });
});
