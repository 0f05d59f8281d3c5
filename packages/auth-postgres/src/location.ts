/**
 * Describes a database for people: host, port and name, without the user, the password and the rest of the URL.
 *
 * @throws TypeError, without the URL, which may contain a password
 */
export function describeUrl(url: string): string {
  if (typeof url !== "string" || !URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    throw new TypeError("url must be a PostgreSQL URL, like postgres://heartbeat@db.example:5432/agents.");
  }
  const { hostname, port, pathname, searchParams } = new URL(url);
  const host = hostname || searchParams.get("host") || "this machine";
  const name = decoded(pathname.slice(1));
  return `PostgreSQL at ${host}${port && `:${port}`}${name && `, database ${name}`}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
