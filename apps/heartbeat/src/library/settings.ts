import { isAbsolute } from "node:path";
import { AuthError, type Env, platformOrigin, validateWorkspaceId } from "@x/auth-core";
import { resolveFilePath } from "@x/auth-node";
import type { AgentCard } from "@x/platform-client";
import { ConfigError, Problems } from "../config/problems.ts";
import { ownProperties, ownVariable } from "../storage/own.ts";
import { checkProxies } from "../transport/proxies.ts";
import type { StartWorkspaceOptions } from "./options.ts";

/** The checked options: plain data that can be passed to a thread. */
export interface Settings {
  readonly platformUrl: string;
  readonly workspaceId: string;
  /** Absolute. */
  readonly configsDir: string | undefined;
  readonly workspaceUrl: string | undefined;
  readonly agentCard: AgentCard | undefined;
  readonly intervalMs: number;
  readonly inboxIntervalMs: number;
  readonly messageTimeoutMs: number;
  readonly wedgedAfterMs: number;
}

const FUNCTIONS = ["onMessage", "onLog"] as const;

const NAMES: readonly string[] = [
  ...["platformUrl", "workspaceId", "configsDir", "env", "workspaceUrl", "agentCard", "intervalMs"],
  ...["inboxIntervalMs", "messageTimeoutMs", "thread", "wedgedAfterMs", "signal"],
  ...FUNCTIONS,
];

/** @throws AuthError `OPTIONS_INVALID` with all problems at once */
export function readSettings(options: StartWorkspaceOptions): Settings {
  const problems = new Problems();
  const check = <T>(read: () => T, otherwise: T): T => problems.attempt(read, otherwise);
  const given = check(() => objectOf(options), {});
  const { env = process.env } = given;
  const { agentCard, configsDir, workspaceUrl } = given;
  for (const name of Object.keys(given)) check(() => checkName(name), undefined);
  for (const name of FUNCTIONS) check(() => checkType(given, name, "function"), undefined);
  check(() => checkType(given, "thread", "boolean"), undefined);
  check(() => checkSignal(given.signal), undefined);
  check(() => checkProxies(env), undefined);
  const number = (name: Timed, byDefault: number, from: number, to: number) =>
    check(() => numberIn(name, given[name], { byDefault, from, to }), byDefault);
  const settings: Settings = {
    platformUrl: check(() => platformOf(given, env), ""),
    workspaceId: check(() => workspaceOf(given, env), ""),
    configsDir: check(() => directoryOf(configsDir, env), undefined),
    workspaceUrl: check(() => callbackOf(workspaceUrl), undefined),
    agentCard: check(() => cardOf(agentCard), undefined),
    intervalMs: number("intervalMs", 30_000, 5_000, 300_000),
    inboxIntervalMs: number("inboxIntervalMs", 5_000, 1_000, 300_000),
    messageTimeoutMs: number("messageTimeoutMs", 300_000, 1_000, 86_400_000),
    wedgedAfterMs: number("wedgedAfterMs", 10_000, 1_000, 300_000),
  };
  try {
    problems.throwIfAny();
  } catch (error) {
    if (error instanceof ConfigError) throw unusable(error.problems);
    throw error;
  }
  return settings;
}

type Timed = "intervalMs" | "inboxIntervalMs" | "messageTimeoutMs" | "wedgedAfterMs";

function unusable(problems: readonly string[]): AuthError {
  const lines = problems.map((problem) => `\n  - ${problem}`).join("");
  return new AuthError("OPTIONS_INVALID", `The options of startWorkspace are invalid:${lines}`, {
    problems,
  });
}

function objectOf(options: StartWorkspaceOptions): StartWorkspaceOptions {
  if (typeof options === "object" && options !== null) return ownProperties(options);
  throw new Error("the options must be an object, like { platformUrl, workspaceId }.");
}

function checkName(name: string): void {
  if (!NAMES.includes(name))
    throw new Error(`${name} is not an option; the options are ${NAMES.join(", ")}.`);
}

function checkType(options: StartWorkspaceOptions, name: keyof StartWorkspaceOptions, type: string): void {
  const value: unknown = options[name];
  if (value !== undefined && typeof value !== type) throw new Error(`${name} must be a ${type}.`);
}

function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  const { aborted, addEventListener, removeEventListener } = Object(signal);
  const isSignal = typeof aborted === "boolean" && [addEventListener, removeEventListener].every(isFunction);
  if (!isSignal) throw new Error("signal must be an AbortSignal; pass an AbortController's `signal`.");
}

const isFunction = (value: unknown): boolean => typeof value === "function";

function platformOf({ platformUrl }: StartWorkspaceOptions, env: Env): string {
  // A `URL` counts as its text.
  const url = String(platformUrl ?? env.PLATFORM_URL ?? "").trim();
  if (!url) throw new Error("platformUrl is missing; pass it, or set PLATFORM_URL.");
  platformOrigin(url, platformUrl === undefined ? "PLATFORM_URL" : "platformUrl");
  return url;
}

function workspaceOf({ workspaceId }: StartWorkspaceOptions, env: Env): string {
  const id = workspaceId ?? env.WORKSPACE_ID ?? "";
  if (!String(id).trim())
    throw new Error("workspaceId is missing; pass the workspace's UUID, or set WORKSPACE_ID.");
  return validateWorkspaceId(id);
}

function directoryOf(path: string | undefined, env: Env): string | undefined {
  if (path === undefined) return relativeDirectory(env);
  if (typeof path !== "string" || path.trim() === "") throw new Error("configsDir must be a path.");
  return resolveFilePath(path, { name: "configsDir", env });
}

/** A relative `CONFIGS_DIR` stays what it is now, wherever the program goes later. */
function relativeDirectory(env: Env): string | undefined {
  const named = ownVariable(env, "CONFIGS_DIR")?.trim();
  if (!named || isAbsolute(named)) return undefined;
  try {
    return resolveFilePath(named, { name: "CONFIGS_DIR", env });
  } catch {
    // A read or write there reports it; a token in the environment needs no directory.
    return undefined;
  }
}

function callbackOf(url: string | undefined): string | undefined {
  if (url === undefined || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) return url;
  throw new Error("workspaceUrl must be an http or https URL, like https://agent.example/a2a.");
}

function cardOf(card: AgentCard | undefined): AgentCard | undefined {
  if (card === undefined) return undefined;
  let sent: unknown;
  try {
    sent = JSON.parse(JSON.stringify(card));
  } catch {
    throw new Error("agentCard cannot be written as JSON.");
  }
  if (typeof sent === "object" && sent !== null && !Array.isArray(sent)) return { ...sent };
  throw new Error('agentCard must be an object, like { name: "Seven" }.');
}

interface Range {
  readonly byDefault: number;
  readonly from: number;
  readonly to: number;
}

function numberIn(name: string, value: number | undefined, { byDefault, from, to }: Range): number {
  if (value === undefined) return byDefault;
  if (typeof value === "number" && value >= from && value <= to) return value;
  throw new Error(`${name} must be a number of milliseconds from ${from} to ${to}.`);
}
