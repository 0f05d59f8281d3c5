import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { allDocuments, root } from "../src/documents.ts";

it("CONTRIBUTING lists every script and nothing else", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const page = allDocuments().find(({ path }) => path === "CONTRIBUTING.md") ?? expect.unreachable();
  const [, table = ""] = /^## Commands\n([\s\S]*?)^Times are for two cores/m.exec(page.text) ?? [];
  const documented = [...table.matchAll(/`pnpm ([\w:]+)`/g)].map(([, name]) => name);
  expect(documented.sort()).toEqual(Object.keys(scripts).sort());
});

it("its diagram shows every dependency between packages and apps and nothing else", () => {
  const page = allDocuments().find(({ path }) => path === "CONTRIBUTING.md") ?? expect.unreachable();
  const drawing = page.blocks.find(({ language }) => language === "mermaid")?.code ?? "";
  const drawn = [...drawing.matchAll(/^ +(\S+) --> (\S+)$/gm)].map(([, from, to]) => `${from} ${to}`);
  const dependencies = ["packages", "apps"].flatMap((parent) =>
    readdirSync(join(root, parent)).flatMap((name) => {
      const manifest = JSON.parse(readFileSync(join(root, parent, name, "package.json"), "utf8"));
      return Object.keys(manifest.dependencies ?? {})
        .filter((each) => each.startsWith("@x/"))
        .map((each) => `${name} ${each.slice("@x/".length)}`);
    }),
  );
  expect(drawn.sort()).toEqual(dependencies.sort());
});

it.each(["heartbeat", "emulator"])(
  "%s prints the build command in a clone where nothing is built",
  (name) => {
    const clone = mkdtempSync(join(tmpdir(), "clone-"));
    onTestFinished(() => rmSync(clone, { recursive: true }));
    cpSync(join(root, "scripts"), join(clone, "scripts"), { recursive: true });
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const { status, stderr } = spawnSync("sh", ["-c", scripts[name]], { cwd: clone, encoding: "utf8" });
    expect(status).toBe(2);
    expect(stderr).toBe(
      `${name} is not built yet; \`npm run demo -- --once\` installs and builds everything\n`,
    );
  },
);
