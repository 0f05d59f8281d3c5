import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { authError } from "../test/support/errors.ts";
import { numRuns, timeoutMs } from "../test/support/runs.ts";
import { validateWorkspaceId } from "./workspace-id.ts";

vi.setConfig({ testTimeout: timeoutMs });

describe("validateWorkspaceId", () => {
  it.each([
    ["a"],
    ["0"],
    ["agent-7"],
    ["a-"],
    ["a--b"],
    ["123e4567-e89b-42d3-a456-426614174000"],
    ["x".repeat(128)],
  ])("accepts %s", (id) => {
    expect(validateWorkspaceId(id)).toBe(id);
  });

  it("trims", () => {
    expect(validateWorkspaceId("\t agent-7\n")).toBe("agent-7");
  });

  it.each([
    ["nothing", ""],
    ["blanks", " \n"],
    ["129 characters", "x".repeat(129)],
    ["128 characters with a bad one at the end", `${"x".repeat(127)}_`],
    ["a newline", "a\nx-evil: 1"],
    ["a carriage return", "ab\rc"],
    ["a NUL", "a\0"],
    ["the parent directory", ".."],
    ["a path upwards", "a/../b"],
    ["a fragment", "a#b"],
    ["a query", "a?b"],
    ["an escape", "a%2fb"],
    ["a backslash", "a\\b"],
    ["an underscore", "a_b"],
    ["a space inside", "a b"],
    ["upper case", "Agent"],
    ["upper case behind a leading dash", "-A"],
    ["a leading dash", "-a"],
    ["a look-alike letter", "аgent"],
    ["an emoji", "a🔑"],
  ])("incident 11: rejects %s, and says which ids are valid", async (_, id) => {
    const { message } = await authError("WORKSPACE_ID_INVALID", () => validateWorkspaceId(id));
    expect(message).toBe("The workspace id must match ^[a-z0-9][a-z0-9-]{0,127}$.");
  });

  it.each([[42], [null], [undefined], [{}]])("rejects %j, which is not a string", async (value) => {
    await authError("WORKSPACE_ID_INVALID", () => Reflect.apply(validateWorkspaceId, null, [value]));
  });

  it("incident 11: rejects everything that could end a header or leave a path", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.stringMatching(/^[a-z0-9-]{0,4}[\s\S]?[a-z]*$/),
    );
    fc.assert(
      fc.property(anything, (text) => {
        let id: string;
        try {
          id = validateWorkspaceId(text);
        } catch {
          return;
        }
        expect(id).toMatch(/^[a-z0-9][a-z0-9-]*$/);
        expect(id.length).toBeLessThanOrEqual(128);
        expect(id).toBe(text.trim());
        expect(new Headers({ id }).get("id")).toBe(id);
        expect(new URL(`https://p.example/w/${id}/a2a`).pathname).toBe(`/w/${id}/a2a`);
      }),
      { numRuns },
    );
  });
});
