import { describe, expect, it, onTestFinished } from "vitest";
import { createScreen } from "../../test/screen.ts";
import { agents, workspaceStatus } from "../../test/views.ts";
import type { WorkspaceStatus } from "../fleet/fleet-types.ts";
import { createLiveTable } from "./live-table.ts";

function setUp(workspaces: WorkspaceStatus[], columns = 100, rows = 24) {
  const screen = createScreen(columns, rows);
  const written: string[] = [];
  const terminal = {
    columns,
    rows,
    isBusy: false,
    write(text: string) {
      written.push(text);
      void screen.write(text);
    },
  };
  const table = createLiveTable({ terminal, color: true, now: () => 60_000 });
  onTestFinished(table.close);
  return {
    screen,
    table,
    terminal,
    written,
    show: () => table.show(() => workspaces),
    resize(newColumns: number, newRows: number) {
      screen.resize(newColumns, newRows);
      Object.assign(terminal, { columns: newColumns, rows: newRows });
    },
    /** Lines that are not empty. */
    shown: () => screen.lines().filter((line) => line !== ""),
  };
}

describe("the live table", () => {
  it("stays at the bottom and is redrawn in place with the changes", async () => {
    const workspaces = agents(3);
    const { show, shown } = setUp(workspaces);
    show();
    await expect.poll(() => shown().length).toBe(5);
    expect(shown()[0]).toBe("3 workspaces: 3 alive");
    workspaces[1] = workspaceStatus("agent-1", { state: { phase: "recovering" }, failure: "ECONNREFUSED" });
    await expect.poll(() => shown()[3]).toMatch(/^agent-1 +recovering .*ECONNREFUSED$/);
    expect(shown()).toHaveLength(5);
    workspaces.push(workspaceStatus("agent-3"));
    await expect.poll(() => shown().length).toBe(6);
    workspaces.splice(1, 3);
    await expect.poll(() => shown().length).toBe(3);
    expect(shown()[0]).toBe("1 workspace: 1 alive");
  });

  it("scrolls log lines above it, shows the newest and keeps all of them", async () => {
    const { show, shown, table, screen } = setUp(agents(500));
    table.print("before\n");
    show();
    for (let line = 1; line <= 300; line += 1) table.print(`line ${line}\n`);
    await expect
      .poll(() => {
        const lines = shown();
        const first = lines.findIndex((line) => line.startsWith("500 workspaces"));
        return lines.slice(Math.max(0, first - 3), first);
      })
      .toEqual(["line 298", "line 299", "line 300"]);
    expect(shown().at(-1)).toMatch(/^… and \d+ more$/);
    const printed = screen.history().filter((line) => /^(before|line \d+)$/.test(line));
    expect(printed).toHaveLength(301);
  });

  it("buffers a limited amount for a blocked terminal, and reports the dropped lines later", async () => {
    const { show, table, terminal, written } = setUp(agents(3));
    show();
    terminal.isBusy = true;
    const frames = written.length;
    for (let line = 0; line < 10_000; line += 1) table.print(`${"x".repeat(99)}\n`);
    expect(table.dropped).toBeGreaterThan(5_000);
    expect(written).toHaveLength(frames);
    terminal.isBusy = false;
    await expect.poll(() => written.join("")).toContain(`${table.dropped} lines dropped`);
  });

  it("prints pending lines when it closes, keeps the table on screen, and continues below it", async () => {
    const { show, shown, table } = setUp(agents(2));
    show();
    await expect.poll(() => shown().length).toBe(4);
    table.print("the last words\n");
    table.close();
    table.print("stopped\n");
    await expect.poll(() => shown().at(-1)).toBe("stopped");
    expect(shown().map((line) => line.split(" ")[0])).toEqual([
      "the",
      "2",
      "workspace",
      "agent-0",
      "agent-1",
      "stopped",
    ]);
  });

  it("adapts to a new size with the next frame, and never exceeds it", async () => {
    const failure = "503 the platform is not available, and says so at some length";
    const { show, shown, resize, screen } = setUp(agents(100, { failure }), 120, 40);
    show();
    await expect.poll(() => shown().length).toBe(31);
    resize(60, 12);
    await expect.poll(() => shown().at(-1)).toBe("… and 96 more");
    expect(screen.lines().filter((line) => line.startsWith("100 workspaces"))).toHaveLength(1);
    resize(120, 40);
    await expect.poll(() => shown().at(-1)).toBe("… and 72 more");
  });
});
