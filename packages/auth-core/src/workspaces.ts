import { AuthError } from "./errors.ts";
import { platformOrigin } from "./platform-url.ts";
import { checkToken, cleanText } from "./token.ts";
import { validateWorkspaceId } from "./workspace-id.ts";

/** One workspace of `MOLECULE_WORKSPACES`. */
export interface WorkspaceEntry {
  readonly id: string;
  /** Left out: the workspace's stored token, or the one received at registration. */
  readonly token?: string;
  /** Left out: `PLATFORM_URL`. */
  readonly platformUrl?: string;
}

/**
 * Parses the value of `MOLECULE_WORKSPACES`: a JSON array of `{"id", "token"?, "platform_url"?}`. A blank token or
 * URL counts as left out; other properties are ignored.
 *
 * @throws AuthError `WORKSPACES_INVALID` with every problem in `problems`, none of which contains a token
 * @example
 * parseWorkspaces('[{"id":"a","token":"t-1"},{"id":"b","platform_url":"https://b.example"}]');
 */
export function parseWorkspaces(json: string): WorkspaceEntry[] {
  const list = parseList(json);
  const problems: string[] = [];
  const firstSeen = new Map<string, number>();
  const entries = list.map((value, index) => {
    const entry = readEntry(value, (problem) => problems.push(`entry ${index + 1}: ${problem}`));
    const first = firstSeen.get(entry.id);
    if (first !== undefined)
      problems.push(`entry ${index + 1}: the id ${entry.id} is also used by entry ${first}.`);
    else if (entry.id !== "") firstSeen.set(entry.id, index + 1);
    return entry;
  });
  if (problems.length > 0) throw invalid(problems);
  return entries;
}

function parseList(json: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // The parser's own error quotes the text, including tokens.
    throw invalid([
      'it is not valid JSON; expected an array like [{"id":"1b4e28ba-2fa1-41d2-883f-0016d3cca427","token":"…"}].',
    ]);
  }
  if (Array.isArray(value)) return value;
  throw invalid([
    'it is not an array; expected one like [{"id":"1b4e28ba-2fa1-41d2-883f-0016d3cca427","token":"…"}].',
  ]);
}

function readEntry(value: unknown, report: (problem: string) => void): WorkspaceEntry {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    report('it is not an object like {"id":"1b4e28ba-2fa1-41d2-883f-0016d3cca427","token":"…"}.');
    return { id: "" };
  }
  const entry: { id: string; token?: string; platformUrl?: string } = { id: "" };
  /** The property's text; `null` if left out or blank, `undefined` (and reported) if not a string. */
  const text = (name: string): string | null | undefined => {
    const member: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : null;
    if (member === null) return null;
    if (typeof member === "string") return cleanText(member);
    report(`"${name}" is not a string.`);
    return undefined;
  };
  const attempt = (check: () => void) => {
    try {
      check();
    } catch (error) {
      report((error as AuthError).message);
    }
  };
  const id = text("id");
  if (id === null) report('"id" is missing.');
  if (id) {
    attempt(() => {
      entry.id = validateWorkspaceId(id);
    });
  }
  const token = text("token");
  if (token) {
    attempt(() => {
      entry.token = checkToken(token);
    });
  }
  const platformUrl = text("platform_url");
  if (platformUrl) {
    attempt(() => {
      platformOrigin(platformUrl, '"platform_url"');
      entry.platformUrl = platformUrl;
    });
  }
  // Ignoring this misspelling would send the workspace's token to another platform.
  if (Object.hasOwn(value, "platformUrl")) report('"platformUrl" must be spelt "platform_url".');
  return entry;
}

function invalid(problems: readonly string[]): AuthError {
  const message = `The list of workspaces is invalid:\n  ${problems.join("\n  ")}`;
  return new AuthError("WORKSPACES_INVALID", message, { problems });
}
