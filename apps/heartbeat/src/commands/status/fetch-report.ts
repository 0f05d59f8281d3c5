import { get } from "node:http";
import type { StatusAddress } from "../../config/operator-flags.ts";
import { cleanText } from "../../observability/clean-text.ts";
import type { WorkspacesReport } from "../../observability/workspaces-report.ts";

const TIMEOUT_MS = 10_000;
/** Twice what 100,000 workspaces take. */
const MAX_LENGTH = 128 * 1_024 * 1_024;

/** Nothing at that address can report the status of the workspaces. */
export class NotReachable extends Error {}

/** Where to reach a runner that listens on this address; for one on all addresses, that is loopback. */
export function urlOf({ host, port }: StatusAddress): string {
  const asked = { "0.0.0.0": "127.0.0.1", "::": "::1" }[host] ?? host;
  return `http://${asked.includes(":") ? `[${asked}]` : asked}:${port}`;
}

/** @throws NotReachable with the fix */
export async function fetchReport(url: string): Promise<WorkspacesReport> {
  const { status, text } = await answerOf(`${url}/workspaces`).catch((error: unknown) => {
    throw new NotReachable(`No runner answers at ${url} (${whyNot(error)}). ${WAY_OUT}`);
  });
  if (status === 403) throw new NotReachable(cleanText(text, "one-line").trim().slice(0, 300));
  const report = parse(text);
  if (status === 200 && report !== null) return report;
  throw otherVersion(url);
}

export const otherVersion = (url: string): NotReachable =>
  new NotReachable(`The server at ${url} is not a runner of this version. ${WAY_OUT}`);

const WAY_OUT = "Start heartbeat run with --status-port, and give the same port here.";

/** Not `fetch`, which blocks some ports that a runner may use. */
function answerOf(url: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    get(url, { signal }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > MAX_LENGTH) response.destroy(new Error("its answer is too long"));
      });
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    }).on("error", reject);
  });
}

function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "AbortError") return `no answer within ${TIMEOUT_MS / 1_000} s`;
  return "code" in error ? String(error.code) : error.message;
}

function parse(text: string): WorkspacesReport | null {
  try {
    const report: WorkspacesReport = JSON.parse(text);
    const { workspaces, health, config, started_at } = report;
    const isReport =
      /^(ok|starting|failing)$/.test(health.status) &&
      typeof health.workspaces.total === "number" &&
      typeof config.last_reload_successful === "boolean" &&
      !Number.isNaN(Date.parse(started_at)) &&
      workspaces.every(({ id, state, platform_url }) => [id, state, platform_url].every(isText));
    return isReport ? report : null;
  } catch {
    return null;
  }
}

const isText = (value: unknown): boolean => typeof value === "string";
