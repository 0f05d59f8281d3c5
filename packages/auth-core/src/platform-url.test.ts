import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { platformOrigin } from "./platform-url.ts";

describe("platformOrigin", () => {
  it.each([
    ["https://platform.example", "https://platform.example"],
    ["https://platform.example/", "https://platform.example"],
    ["https://platform.example/base/path/", "https://platform.example"],
    ["  https://platform.example\n", "https://platform.example"],
    ["HTTPS://Platform.Example:443/A", "https://platform.example"],
    ["http://localhost:8080", "http://localhost:8080"],
    ["http://[::1]:8080/x", "http://[::1]:8080"],
    ["https://bücher.example", "https://xn--bcher-kva.example"],
  ])("returns the origin of %j: %s", (url, origin) => {
    expect(platformOrigin(url)).toBe(origin);
  });

  it.each([
    [""],
    ["platform.example"],
    ["/api"],
    ["//platform.example"],
    ["https:platform.example"],
    ["https:/platform.example"],
    ["https:///platform.example"],
    ["https://\\platform.example"],
    ["see:https://platform.example"],
    ["https://["],
    ["https://platform.example:99999"],
    ["ftp://platform.example"],
    ["wss://platform.example"],
    ["https://plat form.example"],
    ["https://plat\nform.example"],
    ["https://platform.example/\tx"],
    ["https://platform.example/\x7f"],
    ["https://user@platform.example"],
    ["https://:pa55@platform.example"],
    ["https://platform.example/?key=pa55"],
    ["https://platform.example/#pa55"],
  ])("rejects %j, and says which URLs are allowed", async (url) => {
    const { message } = await authError("PLATFORM_URL_INVALID", () => platformOrigin(url));
    expect(message).toBe(
      "The platform URL must be an http:// or https:// URL without credentials, query or fragment.",
    );
  });

  it("counts a URL as its text, and rejects other values that are not a string", async () => {
    const origin: unknown = Reflect.apply(platformOrigin, null, [new URL("https://platform.example/base")]);
    expect(origin).toBe("https://platform.example");
    for (const other of [42, null, undefined, {}, false]) {
      await authError("PLATFORM_URL_INVALID", () => Reflect.apply(platformOrigin, null, [other]));
    }
  });

  it("uses the given name in the error", async () => {
    const { message } = await authError("PLATFORM_URL_INVALID", () => platformOrigin("x", "PLATFORM_URL"));
    expect(message).toMatch(/^PLATFORM_URL must be/);
  });
});
