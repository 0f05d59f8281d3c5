const UUID = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i;

/**
 * A UUID in its canonical form (RFC 9562), or null for any other text. The platform's database also accepts upper case,
 * braces and missing hyphens, which all name the same workspace.
 */
export function parseUuid(text: string): string | null {
  const groups = UUID.exec(text);
  return groups === null ? null : groups.slice(1).join("-").toLowerCase();
}

/** The canonical form of a UUID; any other text, which matches nothing stored, is returned unchanged. */
export const canonicalId = (text: string): string => parseUuid(text) ?? text;
