import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { notServed, servedSeries } from "./queries.ts";

const pathOf = (name: string) => fileURLToPath(new URL(`../../../../deploy/${name}`, import.meta.url));

let series: Awaited<ReturnType<typeof servedSeries>>;
beforeAll(async () => {
  series = await servedSeries();
});

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

describe("the alert rules for Prometheus", () => {
  let rules: Rule[] = [];
  beforeAll(async () => {
    const file: { groups: { name: string; rules: Rule[] }[] } = parse(
      await readFile(pathOf("prometheus-rules.yaml"), "utf8"),
    );
    expect(Object.keys(file)).toEqual(["groups"]);
    rules = file.groups.flatMap((group) => group.rules);
  });

  it("query only what a runner serves", () => {
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.flatMap(({ expr }) => notServed(expr, series))).toEqual([]);
  });

  it("each have a unique name, a severity, a problem and a fix", () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, labels, annotations, ...rule } of rules) {
      expect(alert).toMatch(/^Heartbeat[A-Za-z]+$/);
      expect(labels.severity, alert).toMatch(/^(critical|warning)$/);
      expect(annotations.summary, alert).not.toBe("");
      expect(annotations.description, alert).toMatch(/\.$/);
      if (rule.for !== undefined) expect(rule.for).toMatch(/^\d+m$/);
    }
  });

  it("pass promtool, if installed", () => {
    const { error, status, stderr } = spawnSync(
      "promtool",
      ["check", "rules", pathOf("prometheus-rules.yaml")],
      { encoding: "utf8" },
    );
    if (error !== undefined) return expect(error).toMatchObject({ code: "ENOENT" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly refId: string }[];
}

describe("the Grafana dashboard", () => {
  let text = "";
  let panels: Panel[] = [];
  beforeAll(async () => {
    text = await readFile(pathOf("grafana-dashboard.json"), "utf8");
    panels = JSON.parse(text).panels;
  });

  it("queries only what a runner serves", () => {
    const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(queries.length).toBeGreaterThan(20);
    expect(queries.flatMap((query) => notServed(query, series))).toEqual([]);
    expect(notServed(JSON.parse(text).annotations.list[0].expr, series)).toEqual([]);
  });

  it("queries the chosen data source, and uses only its own variables", () => {
    const names: string[] = JSON.parse(text).templating.list.map(({ name }: { name: string }) => name);
    expect(names).toEqual(["datasource", "job", "instance"]);
    for (const { type, datasource } of panels)
      if (type !== "row") expect(datasource?.uid).toBe(`\${datasource}`);
    const used = [...text.matchAll(/\$\{?(\w+)/g)].map(([, name = ""]) => name);
    const known = [...names, "__rate_interval", "__all"];
    expect(used.filter((name) => !known.includes(name))).toEqual([]);
  });

  it("has panels that do not overlap, each with a title and a query", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { type, title, targets = [], gridPos } of panels) {
      expect(title).not.toBe("");
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      if (type !== "row") expect(targets.length, title).toBeGreaterThan(0);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken, `${title} covers another panel`).not.toContain(`${x},${y}`);
          taken.add(`${x},${y}`);
        }
      }
    }
  });
});

describe("the check of queries", () => {
  it.each([
    ["sum(heartbeat_workspace)", "heartbeat_workspace"],
    ['heartbeat_workspaces{status="alive"}', "heartbeat_workspaces{status}"],
    ['heartbeat_workspaces{job="a",state=~"alive|dead"}', 'heartbeat_workspaces{state="dead"}'],
    ["rate(heartbeat_latency_seconds[5m])", "heartbeat_latency_seconds"],
    ["up", "no metric in up"],
  ])("of %s finds %s", (query, missing) => {
    expect(notServed(query, series)).toEqual([missing]);
  });
});
