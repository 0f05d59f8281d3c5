const UUID = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i;

/**
 * A UUID in its canonical form (RFC 9562), or null for any other text. The platform's database takes capitals,
 * braces and missing hyphens, too, and all of them name the same workspace.
 */
export function parseUuid(text: string): string | null {
  const groups = UUID.exec(text);
  return groups === null ? null : groups.slice(1).join("-").toLowerCase();
}

/** The canonical form where the text is a UUID, else the text, which then names nothing that is stored. */
export const canonicalId = (text: string): string => parseUuid(text) ?? text;
