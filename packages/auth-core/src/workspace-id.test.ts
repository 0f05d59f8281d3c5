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
    ["nothing", "", "is empty"],
    ["blanks", " \n", "is empty"],
    ["129 characters", "x".repeat(129), "has 129 characters"],
    ["128 characters with a bad one at the end", `${"x".repeat(127)}_`, 'has "_" at position 128'],
    ["a newline", "a\nx-evil: 1", String.raw`has "\n" at position 2`],
    ["a carriage return", "ab\rc", String.raw`has "\r" at position 3`],
    ["a NUL", "a\0", String.raw`has "\u0000" at position 2`],
    ["the parent directory", "..", 'has "." at position 1'],
    ["a path upwards", "a/../b", 'has "/" at position 2'],
    ["a fragment", "a#b", 'has "#" at position 2'],
    ["a query", "a?b", 'has "?" at position 2'],
    ["an escape", "a%2fb", 'has "%" at position 2'],
    ["a backslash", "a\\b", String.raw`has "\\" at position 2`],
    ["an underscore", "a_b", 'has "_" at position 2'],
    ["a space inside", "a b", 'has " " at position 2'],
    ["upper case", "Agent", 'has "A" at position 1'],
    ["upper case behind a leading dash", "-A", 'has "-" at position 1'],
    ["a leading dash", "-a", 'has "-" at position 1'],
    ["a letter that only looks like one", "аgent", 'has "а" at position 1'],
    ["an emoji", "a🔑", String.raw`has "\ud83d" at position 2`],
  ])("incident 11: refuses %s, and says what is wrong", async (_, id, complaint) => {
    const error = await authError("INVALID_WORKSPACE_ID", () => validateWorkspaceId(id));
    expect(error.message).toContain(`The workspace id ${complaint}`);
    expect(error.message).not.toContain("\n");
  });

  it.each([[42], [null], [undefined], [{}]])("refuses %j, which is no text", async (value) => {
    await authError("INVALID_WORKSPACE_ID", () => Reflect.apply(validateWorkspaceId, null, [value]));
  });

  it("incident 11: lets nothing through that could end a header or leave a path", () => {
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
