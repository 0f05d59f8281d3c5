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
  ])("gives the origin of %j: %s", (url, origin) => {
    expect(platformOrigin(url)).toBe(origin);
  });

  const unusable = "is not an absolute http(s) URL";
  const unprintable = "has white space or a control character in it";
  it.each([
    ["", unusable],
    ["platform.example", unusable],
    ["/api", unusable],
    ["//platform.example", unusable],
    ["https:platform.example", unusable],
    ["https:/platform.example", unusable],
    ["https:///platform.example", unusable],
    ["https://\\platform.example", unusable],
    ["see:https://platform.example", unusable],
    ["https://[", unusable],
    ["https://platform.example:99999", unusable],
    ["ftp://platform.example", unusable],
    ["wss://platform.example", unusable],
    ["https://plat form.example", unprintable],
    ["https://plat\nform.example", unprintable],
    ["https://platform.example/\tx", unprintable],
    ["https://platform.example/\x7f", unprintable],
    ["https://user@platform.example", "has credentials in it"],
    ["https://:pa55@platform.example", "has credentials in it"],
    ["https://platform.example/?key=pa55", "has a query or a fragment in it"],
    ["https://platform.example/#pa55", "has a query or a fragment in it"],
  ])("refuses %j", async (url, problem) => {
    const { message } = await authError("INVALID_PLATFORM_URL", () => platformOrigin(url));
    expect(message).toBe(`The platform URL ${problem}; use one like https://platform.example.`);
    expect(message).not.toContain("pa55");
  });

  it("refuses what is no text", async () => {
    await authError("INVALID_PLATFORM_URL", () => Reflect.apply(platformOrigin, null, [42]));
  });

  it("calls the value by the name it is given", async () => {
    const { message } = await authError("INVALID_PLATFORM_URL", () => platformOrigin("x", "PLATFORM_URL"));
    expect(message).toMatch(/^PLATFORM_URL is not/);
  });
});
