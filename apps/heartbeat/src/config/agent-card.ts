import { readFileSync } from "node:fs";
import type { Env } from "@x/auth-core";
import type { AgentCard } from "../worker/messages.ts";

/** Gives what a workspace says of itself. */
export type CardOf = (workspaceId: string) => AgentCard;

/**
 * From the file, a JSON object, the same for all workspaces; without one from `MOLECULE_AGENT_NAME`, `_DESCRIPTION` and
 * `_SKILLS` (comma-separated), and an agent without a name is called after its workspace.
 */
export function readAgentCard(path: string | undefined, env: Env): CardOf {
  if (path === undefined) return (workspaceId) => cardFromVariables(env, workspaceId);
  const card = parseCard(path);
  return () => card;
}

function parseCard(path: string): AgentCard {
  const problem = (what: string) => new Error(`--agent-card ${path}: ${what}`);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw problem(`it cannot be read (${error instanceof Error && "code" in error ? error.code : error}).`);
  }
  try {
    const card: unknown = JSON.parse(text);
    if (typeof card === "object" && card !== null && !Array.isArray(card)) return { ...card };
  } catch {
    throw problem("it is not valid JSON.");
  }
  throw problem('it is not a JSON object like {"name":"Seven"}.');
}

function cardFromVariables(env: Env, workspaceId: string): AgentCard {
  const skills = (env.MOLECULE_AGENT_SKILLS ?? "").split(",").map((skill) => skill.trim());
  return {
    name: env.MOLECULE_AGENT_NAME?.trim() || workspaceId,
    description: env.MOLECULE_AGENT_DESCRIPTION?.trim() ?? "",
    skills: skills.filter(Boolean).map((name) => ({ id: name, name })),
  };
}
