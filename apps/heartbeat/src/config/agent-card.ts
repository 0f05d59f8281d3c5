import type { Env } from "@x/auth-core";
import type { AgentCard } from "@x/platform-client";
import type { ConfigFiles } from "./config-files.ts";
import { parseJson } from "./json.ts";
import { type KnownKeys, unknownKeys } from "./unknown-keys.ts";

/** Returns the agent card of a workspace. */
export type CardOf = (workspaceId: string) => AgentCard;

/** Agent cards, and warnings about likely mistakes in them, one sentence each. */
export interface Cards {
  readonly cardOf: CardOf;
  readonly warnings: readonly string[];
}

/** Keys of A2A. Extensions add others, so only keys that look misspelt are reported. */
const CARD_KEYS: KnownKeys = {
  keys: [
    "name",
    "description",
    "url",
    "version",
    "protocolVersion",
    "provider",
    "iconUrl",
    "documentationUrl",
    "capabilities",
    "skills",
    "defaultInputModes",
    "defaultOutputModes",
    "securitySchemes",
    "security",
    "signatures",
  ],
  isOpen: true,
};

/**
 * From the file, a JSON object, the same for all workspaces; without one from `MOLECULE_AGENT_NAME`, `_DESCRIPTION` and
 * `_SKILLS` (comma-separated), as the platform's Python clients send it.
 */
export function readAgentCard(path: string | undefined, env: Env, files: Pick<ConfigFiles, "text">): Cards {
  if (path === undefined) return { cardOf: cardFromEnvironment(env), warnings: [] };
  const card = parseCard(path, files);
  const warnings = unknownKeys(card, CARD_KEYS).map((sentence) => `--agent-card ${path}: ${sentence}`);
  return { cardOf: () => card, warnings };
}

function parseCard(path: string, files: Pick<ConfigFiles, "text">): AgentCard {
  const problem = (what: string) => new Error(`--agent-card ${path}: ${what}`);
  let text: string;
  try {
    text = files.text(path);
  } catch (error) {
    throw problem(error instanceof Error ? error.message : String(error));
  }
  let card: unknown;
  try {
    card = parseJson(text);
  } catch (error) {
    throw problem(error instanceof Error ? error.message : String(error));
  }
  if (typeof card !== "object" || card === null || Array.isArray(card)) {
    throw problem('it is not a JSON object like {"name":"Seven"}.');
  }
  const why = whyUnsendable(card);
  if (why !== null) throw problem(why);
  return { ...card };
}

/** Far more than any card needs, and far less than the depth at which JSON can be parsed but not serialized. */
const MAX_LEVELS = 100;

function whyUnsendable(value: unknown, level = 0): string | null {
  if (typeof value === "string" && value.includes("\0")) {
    return "it holds a NUL character (\\u0000), which the platform cannot store.";
  }
  if (typeof value !== "object" || value === null) return null;
  if (level === MAX_LEVELS) return `it nests deeper than ${MAX_LEVELS} levels.`;
  for (const part of Object.entries(value).flat()) {
    const why = whyUnsendable(part, level + 1);
    if (why !== null) return why;
  }
  return null;
}

/** How many characters of a workspace's id are in the name of an agent without one. */
const NAME_LENGTH = 8;

/** An agent without a name is named after its workspace. */
export function cardFromEnvironment(env: Env): CardOf {
  const skills = (env.MOLECULE_AGENT_SKILLS ?? "").split(",").map((skill) => skill.trim());
  const description = env.MOLECULE_AGENT_DESCRIPTION?.trim();
  return (workspaceId) => ({
    name: env.MOLECULE_AGENT_NAME?.trim() || `molecule-mcp-${workspaceId.slice(0, NAME_LENGTH)}`,
    skills: skills.filter(Boolean).map((name) => ({ name })),
    ...(description && { description }),
  });
}
