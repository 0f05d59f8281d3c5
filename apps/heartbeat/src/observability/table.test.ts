import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createScreen } from "../../test/screen.ts";
import { agents, workspaceStatus } from "../../test/views.ts";
import type { Row } from "./rank.ts";
import { renderTable } from "./table.ts";

const NOW = 60_000;

function render(
  workspaces: readonly ReturnType<typeof workspaceStatus>[],
  columns = 120,
  rows = 24,
  color = false,
) {
  const table: Row[] = workspaces.map((workspace) => ({ ...workspace, changedAt: 0 }));
  return renderTable(table, { columns, rows, color, now: NOW });
}

describe("the table of workspaces", () => {
  it("shows state, last heartbeat, latency, error rate and next step", () => {
    const workspaces = [
      workspaceStatus("atlas", { lastHeartbeatAt: 57_000 }),
      workspaceStatus("birch", {
        state: { phase: "recovering", rejections: 3 },
        lastHeartbeatAt: null,
        latencyMs: null,
        errorRate: 0.5,
        dueInMs: null,
        failure: "401 invalid workspace auth token",
      }),
    ];
    expect(render(workspaces)).toMatchInlineSnapshot(`
      "2 workspaces: 1 alive, 1 recovering
      workspace  state        heartbeat   latency  errors    next
      atlas      alive          3 s ago     34 ms     0 %    12 s
      birch      recovering       never              50 %   waits  401 invalid workspace auth token"
    `);
  });

  it("keeps the order of the list while all workspaces fit", () => {
    const ids = render(agents(5))
      .split("\n")
      .slice(2)
      .map((line) => line.split(" ")[0]);
    expect(ids).toEqual(["agent-0", "agent-1", "agent-2", "agent-3", "agent-4"]);
  });

  it("shows workspaces that need attention first when not all fit, and how many are left out", () => {
    const workspaces = agents(5_000);
    workspaces[4_000] = workspaceStatus("lost-token", { unsaved: true });
    workspaces[2_000] = workspaceStatus("gone", { platformStatus: "removed" });
    workspaces[3_000] = workspaceStatus("rejected", { state: { phase: "recovering", rejections: 1 } });
    const lines = render(workspaces).split("\n");
    expect(lines[0]).toBe(
      "5000 workspaces: 4998 alive, 1 recovering, 1 removed; tokens that could not be stored: 1",
    );
    expect(lines[2]).toMatch(/^lost-token .*its token could not be stored/);
    expect(lines[3]).toMatch(/^gone +removed /);
    expect(lines[4]).toMatch(/^rejected +recovering /);
    expect(lines.at(-1)).toBe(`… and ${5_000 - (lines.length - 3)} more`);
  });

  it("leaves terminal lines free for the log", () => {
    expect(render(agents(5_000), 120, 24).split("\n")).toHaveLength(15);
    expect(render(agents(5_000), 120, 60).split("\n")).toHaveLength(51);
  });

  it("is never wider or higher than the terminal", async () => {
    const view = fc.record({
      id: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,127}$/),
      failure: fc.option(fc.string({ unit: "binary", maxLength: 120 }), { nil: null }),
      lastHeartbeatAt: fc.option(fc.nat(), { nil: null }),
      latencyMs: fc.option(fc.double({ min: 0, max: 10_000, noNaN: true }), { nil: null }),
      unsaved: fc.boolean(),
    });
    const size = { columns: fc.integer({ min: 2, max: 200 }), rows: fc.integer({ min: 1, max: 60 }) };
    await fc.assert(
      fc.asyncProperty(
        fc.array(view, { maxLength: 80 }),
        fc.record(size),
        async (views, { columns, rows }) => {
          const workspaces = views.map(({ id, ...rest }) => workspaceStatus(id, rest));
          const table = render(workspaces, columns, rows);
          expect(table.split("\n").length).toBeLessThanOrEqual(Math.max(1, rows - 1));
          const screen = createScreen(columns, rows);
          await screen.write(table);
          expect(screen.wrapped()).toBe(false);
        },
      ),
    );
  });

  it("passes no terminal control sequence from a platform", () => {
    const rendered = render([
      workspaceStatus("a", { failure: "500 \u001b[2J\u001b]0;title\u0007\nnext\u009b1m" }),
    ]);
    expect(rendered).not.toMatch(/[^\P{Cc}\n]/u);
    expect(rendered.split("\n")).toHaveLength(3);
  });

  it("never relies on colour alone", () => {
    const workspaces = [
      workspaceStatus("a"),
      workspaceStatus("b", { state: { phase: "recovering" }, errorRate: 1 }),
    ];
    const colored = render(workspaces, 120, 24, true);
    expect(colored).toContain("\u001b[32malive");
    expect(stripVTControlCharacters(colored).replaceAll(/ +$/gm, "")).toBe(render(workspaces));
  });
});
