import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { checkOrgId } from "./headers.ts";

describe("checkOrgId", () => {
  it("accepts 1 to 128 printable characters", () => {
    expect(checkOrgId("!", "ORG")).toBe("!");
    expect(checkOrgId("~".repeat(128), "ORG")).toBe("~".repeat(128));
  });

  it.each([["two words"], ["a\nb"], ["ü"], ["x".repeat(129)], ["a\x7f"]])(
    "rejects %j, naming the environment variable, not its value",
    async (value) => {
      const { message } = await authError("ORG_ID_INVALID", () => checkOrgId(value, "MOLECULE_ORG_ID"));
      expect(message).toMatch(/^MOLECULE_ORG_ID must be 1 to 128 printable ASCII characters/);
      expect(message).not.toContain(value);
    },
  );
});
