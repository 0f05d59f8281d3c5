/**
 * The agent card to store for a known workspace: a missing name (or one that equals the id), description or role is
 * filled in from the platform's data. Names stay the platform's.
 */
export function reconcileCard(
  agentCard: unknown,
  workspace: { readonly id: string; readonly name: string; readonly role: string | null },
): unknown {
  if (typeof agentCard !== "object" || agentCard === null || Array.isArray(agentCard)) return agentCard;
  const card: Record<string, unknown> = { ...agentCard };
  const isName = (text: string) => text !== "" && text !== workspace.id;
  if (!isName(textOf(card.name)) && isName(workspace.name)) card.name = workspace.name;
  const name = textOf(card.name);
  if (textOf(card.description) === "" && isName(name)) card.description = name;
  if (workspace.role && textOf(card.role) === "") card.role = workspace.role;
  return card;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
