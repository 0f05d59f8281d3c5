import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { problemOf } from "../src/commands.ts";
import { root } from "../src/documents.ts";
import { parseShell } from "../src/shell.ts";

interface Form {
  readonly name: string;
  readonly description: string;
  readonly body: readonly {
    readonly type: string;
    readonly id?: string;
    readonly attributes: { readonly label?: string; readonly options?: readonly { required?: boolean }[] };
  }[];
}

const folder = join(root, ".github/ISSUE_TEMPLATE");
const forms = readdirSync(folder).filter((file) => file.endsWith(".yml") && file !== "config.yml");

describe.each(forms)("the issue form %s", (file) => {
  const text = readFileSync(join(folder, file), "utf8");
  const { name, description, body }: Form = parse(text);

  it("is valid for GitHub", () => {
    expect(name && description).toBeTruthy();
    const types = ["markdown", "textarea", "input", "dropdown", "checkboxes"];
    expect(body.filter(({ type }) => !types.includes(type))).toEqual([]);
    const fields = body.filter(({ type }) => type !== "markdown");
    expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
    expect(fields.filter(({ attributes: { label } }) => !label)).toEqual([]);
  });

  it("warns against pasting a token, and asks to confirm there is none", () => {
    expect(text).toContain("**Never paste a token**");
    const [confirmed] = body.find(({ id }) => id === "no-token")?.attributes.options ?? [];
    expect(confirmed?.required).toBe(true);
  });

  it("names commands and documents that exist", () => {
    const spans = [...text.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);
    const commands = spans.filter((span) => /^(heartbeat|npx|pnpm) /.test(span));
    expect(commands.flatMap((span) => parseShell(span).commands.map(problemOf)).filter(Boolean)).toEqual([]);
    const documents = spans.filter((span) => span.endsWith(".md"));
    expect(documents.length).toBeGreaterThan(0);
    expect(documents.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    // Each program runs with --help to list its flags.
  }, 60_000);
});
