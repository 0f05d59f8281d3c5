/**
 * Describes a database for people: host, port and name, without the user, the password and the rest of the URL.
 *
 * @throws TypeError, without the URL, which may contain a password
 */
export function describeUrl(url: string): string {
  // With a socket, `postgres://name:password@/db?host=/run/postgresql` has no host, which no URL allows.
  const text = String(url).replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)(?=\/)/, "$1localhost");
  const parsed = URL.canParse(text) ? new URL(text) : null;
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol) || isCut(parsed)) {
    throw new TypeError(
      "url must be a PostgreSQL URL, like postgres://heartbeat@db.example:5432/agents. " +
        "Percent-encode special characters in a user name or a password.",
    );
  }
  const { hostname, port, pathname, searchParams } = parsed;
  const host = searchParams.get("host") || hostname || "this machine";
  const name = decoded(pathname.slice(1));
  return `PostgreSQL at ${host}${port && `:${port}`}${name && `, database ${name}`}`;
}

/** A `/`, `?` or `#` in the password ends the host: the rest of the password would be shown as the database's name. */
function isCut({ pathname, search, hash }: URL): boolean {
  return pathname.includes("@") || /^[^=]*@/.test(search) || hash !== "";
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
