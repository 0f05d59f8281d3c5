import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Emulator } from "../../src/index.ts";
import { ask, field } from "../support.ts";
import { difference, valueAt } from "./compare.ts";

/** A recorded scenario of a real server: requests and answers. */
export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** A request and its answer, or a change to the platform. */
interface Step {
  readonly do?: string;
  readonly op?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** Variables for values of the answer, by their path. */
  readonly capture?: Record<string, string>;
  readonly answer?: {
    readonly status: number;
    readonly body: unknown;
    readonly headers?: Record<string, string>;
  };
}

/** The duration without a heartbeat. */
const SILENCE_SECONDS = 600;

/** The recorded scenarios. */
export async function readScenarios(): Promise<Scenario[]> {
  return JSON.parse(await readFile(new URL("recorded-answers.json", import.meta.url), "utf8"));
}

/** Replays a scenario against an emulator. @returns the differences, one line each */
export async function replay({ steps }: Scenario, emulator: Emulator): Promise<string[]> {
  const variables = new Map([
    ["admin", "local-admin"],
    ["platform", emulator.url],
  ]);
  for (const name of ["a", "b", "c"])
    variables.set(name, randomUUID()).set(`${name}0`, variables.get(name) ?? "");
  const filled = <T>(value: T): T => fill(value, variables);
  const differences: string[] = [];
  for (const [at, step] of steps.entries()) {
    if (step.op === "silence") {
      await ask(emulator, "/emulator/time", { body: { advance_seconds: SILENCE_SECONDS } });
      continue;
    }
    // The emulator needs no waiting.
    if (step.op !== undefined) continue;
    const { do: method = "GET", path = "/", headers = {}, body, capture = {}, answer } = step;
    const asked = `step ${at + 1}, ${method} ${path}`;
    const got = await ask(emulator, filled(path), {
      method,
      headers: filled(headers),
      ...(body !== undefined && { body: filled(body) }),
    });
    const json = got.json ?? (got.text === "" ? null : got.text);
    for (const [name, where] of Object.entries(capture)) {
      const value = valueAt(json, where);
      if (typeof value === "string") variables.set(name, value);
    }
    if (got.status !== answer?.status) {
      differences.push(`${asked}: status ${got.status}, not ${answer?.status}: ${got.text}`);
      continue;
    }
    differences.push(...difference(json, filled(answer.body ?? null)).map((line) => `${asked}: ${line}`));
    for (const [name, value] of Object.entries(answer.headers ?? {})) {
      const found = difference(field(got.headers, name.toLowerCase()), filled(value));
      differences.push(...found.map((line) => `${asked}: header ${name}: ${line}`));
    }
  }
  return differences;
}

/** Substitutes the variables. */
function fill<T>(value: T, variables: ReadonlyMap<string, string>): T;
function fill(value: unknown, variables: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") {
    return value.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => variables.get(name) ?? whole);
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, variables));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, variables)]));
}
