/**
 * What may be asked for through the proxy: what an agent does as its workspace.
 *
 * Not there, on purpose: registering, heartbeats and the card, which are the runner's, and whose answers hand out tokens
 * and secrets; `tokens` and `external/rotate`, which issue and revoke them; and the operator's routes (`/admin`, creating,
 * pausing, deleting), which do not accept a workspace's token.
 */
const ROUTES: readonly (readonly [methods: string, pattern: string])[] = [
  ["GET", "/health"],
  ["GET", "/buildinfo"],
  // Workspaces: this one and others, whose cards are public.
  ["GET", "/workspaces/:id"],
  ["GET", "/workspaces/:own/state"],
  // Messages: to anyone, from its own inbox, to its person.
  ["POST", "/workspaces/:id/a2a"],
  ["GET", "/workspaces/:own/activity"],
  ["POST", "/workspaces/:own/notify"],
  // Work that it hands over.
  ["POST", "/workspaces/:own/delegate"],
  ["GET", "/workspaces/:own/delegations"],
  ["POST", "/workspaces/:own/delegations/record"],
  ["POST", "/workspaces/:own/delegations/:id/update"],
  // What its operator has set for it.
  ["GET", "/workspaces/:own/secrets/values"],
  // Whom it may talk to.
  ["GET", "/registry/:own/peers"],
  ["GET", "/registry/discover/:id"],
  ["POST", "/registry/check-access"],
];

const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
/** Without fragments, and without anything that another parser might take for more than one path. */
const TARGET = /^(\/[A-Za-z0-9_/-]*)(\?[\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7c\x7e%&]*)?$/;

/** What became of a request's target. */
export type Routed =
  | { readonly isAllowed: true; readonly path: string; readonly query: string }
  | { readonly isAllowed: false; readonly status: 400 | 403 | 405; readonly why: string };

/** Routes a request (RFC 9112, section 3.2): its target has to be a path of the list. */
export function route(method: string, target: string, workspaceId: string): Routed {
  if (!target.startsWith("/"))
    return refuse(400, "the request's target must be a path: only this workspace's platform can be reached");
  const [, path = "", query = ""] = TARGET.exec(target) ?? [];
  if (path === "") return refuse(400, "the request's target has characters that no path of the platform has");
  const matching = ROUTES.filter(([, pattern]) => matches(path, pattern, workspaceId));
  if (matching.length === 0)
    return refuse(403, "this path is not one that an agent uses; the proxy passes only those");
  if (!matching.some(([each]) => each === method)) return refuse(405, "this path takes another method");
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

const refuse = (status: 400 | 403 | 405, why: string): Routed => ({ isAllowed: false, status, why });
