import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import type { Emulator } from "../../src/index.ts";
import { ask, field } from "../support.ts";

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

/** Hints for people were not recorded. */
const parse = (text: string) =>
  JSON.parse(text, (name, value) => (name.endsWith("_snippet") ? undefined : value));

/** The recorded scenarios. */
export async function readScenarios(): Promise<Scenario[]> {
  return parse(await readFile(new URL("recorded-answers.json", import.meta.url), "utf8"));
}

/** Replays a scenario against an emulator, whose answers must equal the recorded ones. */
export async function replay({ steps }: Scenario, emulator: Emulator): Promise<void> {
  const variables = new Map([
    ["admin", "local-admin"],
    ["platform", emulator.url],
  ]);
  for (const name of ["a", "b", "c"])
    variables.set(name, randomUUID()).set(`${name}0`, variables.get(name) ?? "");
  const filled = <T>(value: T) =>
    mapped(value, (text) => text.replace(/\{\{(\w+)\}\}/g, (whole, name) => variables.get(name) ?? whole));
  for (const [at, step] of steps.entries()) {
    if (step.op === "silence") {
      await ask(emulator, "/emulator/time", { body: { advance_seconds: SILENCE_SECONDS } });
      continue;
    }
    // The emulator needs no waiting.
    if (step.op !== undefined) continue;
    const { do: method = "GET", path = "/", headers = {}, body, capture = {}, answer } = step;
    const got = await ask(emulator, filled(path), {
      method,
      headers: filled(headers),
      ...(body !== undefined && { body: filled(body) }),
    });
    const json = got.json === undefined ? got.text || null : parse(got.text);
    for (const [name, where] of Object.entries(capture)) {
      const value = where.split(".").reduce<unknown>(field, json);
      if (typeof value === "string") variables.set(name, value);
    }
    const recorded = Object.entries(answer?.headers ?? {});
    expect(
      {
        status: got.status,
        body: json,
        headers: recorded.map(([name]) => field(got.headers, name.toLowerCase())),
      },
      `step ${at + 1}, ${method} ${path}`,
    ).toStrictEqual({
      status: answer?.status,
      body: matching(filled(answer?.body ?? null)),
      headers: matching(filled(recorded.map(([, value]) => value))),
    });
  }
}

/** The meaning of a placeholder in a recorded answer. */
const SHAPES: Readonly<Record<string, RegExp>> = {
  uuid: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/,
  time: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/,
  token: /[\w-]{43}/,
  prefix: /[\w-]{8}/,
  text: /[\s\S]*/,
};
const PLACEHOLDER = /<(uuid|time|token|prefix|text)>/;

/** What equals a recorded answer: values that vary by their shape, and all others exactly. */
export const matching = (recorded: unknown): unknown =>
  mapped(recorded, (text) => {
    const [first = "", ...rest] = text
      .split(PLACEHOLDER)
      .map((part, index) =>
        index % 2 === 0 ? part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") : SHAPES[part]?.source,
      );
    return rest.length === 0 ? text : expect.stringMatching(new RegExp(`^${first}${rest.join("")}$`));
  });

/** JSON whose texts, but no names, are replaced. */
function mapped<T>(value: T, change: (text: string) => unknown): T;
function mapped(value: unknown, change: (text: string) => unknown): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapped(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapped(item, change)]));
}
