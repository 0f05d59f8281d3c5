import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { allDocuments, root } from "../src/documents.ts";

it("CONTRIBUTING lists every script, and no other", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const page = allDocuments().find(({ path }) => path === "CONTRIBUTING.md") ?? expect.unreachable();
  const [, table = ""] = /^## Commands\n([\s\S]*?)^On two cores/m.exec(page.text) ?? [];
  const documented = [...table.matchAll(/`pnpm ([\w:]+)`/g)].map(([, name]) => name);
  expect(documented.sort()).toEqual(Object.keys(scripts).sort());
});

it.each(["heartbeat", "emulator"])("%s says what to run in a clone where nothing is built", (name) => {
  const clone = mkdtempSync(join(tmpdir(), "clone-"));
  onTestFinished(() => rmSync(clone, { recursive: true }));
  cpSync(join(root, "scripts"), join(clone, "scripts"), { recursive: true });
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { status, stderr } = spawnSync("sh", ["-c", scripts[name]], { cwd: clone, encoding: "utf8" });
  expect(status).toBe(2);
  expect(stderr).toBe(
    `${name} is not built yet; \`npm run demo -- --once\` installs and builds everything\n`,
  );
});
