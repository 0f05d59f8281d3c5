/**
 * The routes available through the proxy: what an agent does as its workspace.
 *
 * Excluded on purpose: registration, heartbeats and the card, which belong to the runner and whose answers contain
 * tokens and secrets; `tokens` and `external/rotate`, which issue and revoke them; and the operator's routes: `/admin`,
 * creation and deletion, which do not accept a workspace's token, and pausing, which would stop the runner's work.
 */
const ROUTES: readonly (readonly [methods: string, pattern: string])[] = [
  ["GET", "/health"],
  ["GET", "/buildinfo"],
  // Workspaces: this one and others, whose cards are public.
  ["GET", "/workspaces/:id"],
  ["GET", "/workspaces/:own/state"],
  // Messages: to any agent, from its own inbox, to its user.
  ["POST", "/workspaces/:id/a2a"],
  ["GET", "/workspaces/:own/activity"],
  ["POST", "/workspaces/:own/notify"],
  // Delegated work.
  ["POST", "/workspaces/:own/delegate"],
  ["GET", "/workspaces/:own/delegations"],
  ["POST", "/workspaces/:own/delegations/record"],
  ["POST", "/workspaces/:own/delegations/:id/update"],
  // Its operator's settings.
  ["GET", "/workspaces/:own/secrets/values"],
  // Its peers.
  ["GET", "/registry/:own/peers"],
  ["GET", "/registry/discover/:id"],
  ["POST", "/registry/check-access"],
];

const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
/** No fragments, and nothing that another parser might split into several paths. */
const TARGET = /^(\/[A-Za-z0-9_/-]*)(\?[\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7c\x7e%&]*)?$/;

/** The result of routing a request's target. */
export type Routed =
  | { readonly isAllowed: true; readonly path: string; readonly query: string }
  | {
      readonly isAllowed: false;
      readonly status: 400 | 403 | 405;
      readonly why: string;
      /** The path's methods, if only the method is wrong (RFC 9110, section 15.5.6). */
      readonly allow?: string;
    };

/** Routes a request (RFC 9112, section 3.2): its target must be a path of the list. */
export function route(method: string, target: string, workspaceId: string): Routed {
  if (!target.startsWith("/"))
    return reject(400, "the request's target must be a path: only this workspace's platform can be reached");
  const [, path = "", query = ""] = TARGET.exec(target) ?? [];
  if (path === "") return reject(400, "the request's target has characters that no platform path has");
  const matching = ROUTES.filter(([, pattern]) => matches(path, pattern, workspaceId));
  if (matching.length === 0)
    return reject(403, "the proxy passes only paths that agents use, and this is not one");
  if (!matching.some(([each]) => each === method)) {
    const allow = matching.map(([each]) => each).join(", ");
    return { isAllowed: false, status: 405, why: `this path takes ${allow}`, allow };
  }
  return { isAllowed: true, path, query };
}

function matches(path: string, pattern: string, workspaceId: string): boolean {
  const parts = path.split("/");
  const expected = pattern.split("/");
  return (
    parts.length === expected.length &&
    expected.every((name, index) => {
      const part = parts[index] ?? "";
      if (name === ":own") return part.toLowerCase() === workspaceId;
      return name === ":id" ? SEGMENT.test(part) : part === name;
    })
  );
}

const reject = (status: 400 | 403, why: string): Routed => ({ isAllowed: false, status, why });
