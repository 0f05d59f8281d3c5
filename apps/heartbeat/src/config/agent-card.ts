import type { Env } from "@x/auth-core";
import type { AgentCard } from "@x/platform-client";
import type { ConfigFiles } from "./config-files.ts";

/** Gives what a workspace says of itself. */
export type CardOf = (workspaceId: string) => AgentCard;

/**
 * From the file, a JSON object, the same for all workspaces; without one from `MOLECULE_AGENT_NAME`, `_DESCRIPTION` and
 * `_SKILLS` (comma-separated), and an agent without a name is called after its workspace.
 */
export function readAgentCard(path: string | undefined, env: Env, files: Pick<ConfigFiles, "text">): CardOf {
  if (path === undefined) return cardFromEnvironment(env);
  const card = parseCard(path, files);
  return () => card;
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
    card = JSON.parse(text);
  } catch {
    throw problem("it is not valid JSON.");
  }
  if (typeof card !== "object" || card === null || Array.isArray(card)) {
    throw problem('it is not a JSON object like {"name":"Seven"}.');
  }
  const why = whyUnsendable(card);
  if (why !== null) throw problem(why);
  return { ...card };
}

/** Far more than any card needs, and far less than JSON can be read but not written with. */
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

/** An agent without a name is called after its workspace. */
export function cardFromEnvironment(env: Env): CardOf {
  const skills = (env.MOLECULE_AGENT_SKILLS ?? "").split(",").map((skill) => skill.trim());
  return (workspaceId) => ({
    name: env.MOLECULE_AGENT_NAME?.trim() || workspaceId,
    description: env.MOLECULE_AGENT_DESCRIPTION?.trim() ?? "",
    skills: skills.filter(Boolean).map((name) => ({ id: name, name })),
  });
}
