import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Emulator, startEmulator, workspaceId } from "../src/index.ts";
import { type Agent, agent } from "./agent.ts";
import { eventually, openDashboard } from "./browser.ts";
import { recordTasks } from "./page-tasks.ts";

const WORKSPACES = 1_000;
/** The median of this many tries counts: a busy machine occasionally starves the browser. */
const TRIES = 5;
/** If it is busy for longer, all of them are repeated: a real regression is slow every time. */
const ROUNDS = 3;

let emulator: Emulator;
const agents: Agent[] = [];

beforeAll(async () => {
  emulator = await startEmulator({ rateLimit: { max: 1_000_000, windowMs: 60_000 } });
  for (let n = 0; n < WORKSPACES; n++) {
    const id = workspaceId(`w-${n}`);
    const self = agent(emulator, id);
    self.token = emulator.create(id, { name: `agent-${String(n).padStart(4, "0")}` });
    agents.push(self);
  }
  for (const self of agents) await self.heartbeat({ current_task: "answering a support request" });
}, 60_000);
afterAll(() => emulator.close());

/** Measures on fresh pages, prints the figures, and expects the median to be within a limit. */
async function expectWithin(
  { what, limitMs }: { readonly what: string; readonly limitMs: number },
  measure: (page: Page) => Promise<number>,
): Promise<void> {
  const medians: number[] = [];
  while (medians.length < ROUNDS && !medians.some((ms) => ms <= limitMs)) {
    const times: number[] = [];
    for (let n = 0; n < TRIES; n++) {
      const page = await openDashboard(emulator, { init: OBSERVE });
      times.push(await measure(page));
      await page.context().close();
    }
    medians.push(median(times));
    console.log(
      `${what}: median ${median(times).toFixed(0)} ms of ${times.map((ms) => ms.toFixed(0)).join(", ")}`,
    );
  }
  expect(Math.min(...medians)).toBeLessThanOrEqual(limitMs);
}

/** Records when the data arrived, and when the first row was painted. */
const OBSERVE = `
  globalThis.seen = { dataAt: 0, rowAt: 0 };
  const Native = EventSource;
  globalThis.EventSource = class extends Native {
    constructor(url) {
      super(url);
      this.addEventListener("message", () => { seen.dataAt ||= performance.now(); });
    }
  };
  const watch = () => {
    if (!document.querySelector("#rows > tr[data-id]")) return requestAnimationFrame(watch);
    requestAnimationFrame(() => { seen.rowAt = performance.now(); });
  };
  requestAnimationFrame(watch);
`;

/** Filters by a text, and waits for the frame with the result. */
const FILTER = `(async (text) => {
  const search = document.getElementById("search");
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  const from = performance.now();
  search.value = text;
  search.dispatchEvent(new Event("input", { bubbles: true }));
  document.getElementById("scroller").getBoundingClientRect();
  await frame();
  return { ms: performance.now() - from, rows: document.querySelectorAll("#rows > tr[data-id]").length };
})`;

interface Filtered {
  readonly ms: number;
  readonly rows: number;
}

describe("with 1,000 workspaces", () => {
  it("the first row is painted within 300 ms of the data", async () => {
    await expectWithin({ what: "first row after the data", limitMs: 300 }, async (page) => {
      await eventually(() => page.evaluate("seen.rowAt")).toBeGreaterThan(0);
      return Number(await page.evaluate("seen.rowAt - seen.dataAt"));
    });
  }, 180_000);

  it("a filter shows its results within 50 ms", async () => {
    await expectWithin({ what: "filter", limitMs: 50 }, async (page) => {
      await page.locator("#shown").getByText("1,000 workspaces", { exact: true }).waitFor();
      const times: number[] = [];
      for (const text of ["agent-0042", "agent-00", "support", ""]) {
        const found = (await page.evaluate(`${FILTER}(${JSON.stringify(text)})`)) as Filtered;
        if (text === "agent-0042") expect(found.rows).toBe(1);
        times.push(found.ms);
      }
      return median(times);
    });
  }, 180_000);

  it("no task takes over 100 ms while all of them send heartbeats and a person uses the page", async () => {
    sendHeartbeats();
    await expectWithin({ what: "CPU time of the longest task", limitMs: 100 }, async (page) => {
      const longestTask = await recordTasks(page);
      await page.reload();
      await page.locator("#shown").getByText("1,000 workspaces", { exact: true }).waitFor();
      for (const column of ["Latency", "Failures", "Name"]) {
        await page.locator("thead").getByRole("button", { name: column }).click();
      }
      for (let n = 1; n <= 5; n++) {
        await page.evaluate(`document.getElementById("scroller").scrollTop = ${n * 5_000}`);
      }
      await page.locator("#rows > tr[data-id] button").nth(12).click();
      await page.locator("#requests > li").first().waitFor();
      await page.getByRole("searchbox").pressSequentially("agent-09");
      await page.locator("#shown").getByText("100 of 1,000 workspaces").waitFor();
      return longestTask();
    });
  }, 300_000);
});

/** 100 per second, as from a fleet of 1,000 with a 10 s interval. */
function sendHeartbeats(): void {
  let next = 0;
  const timer = setInterval(() => {
    for (let n = 0; n < 10; n++) void agents[next++ % WORKSPACES]?.heartbeat();
  }, 100);
  onTestFinished(() => clearInterval(timer));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
