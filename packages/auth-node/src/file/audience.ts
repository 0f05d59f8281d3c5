import { platformOrigin } from "@x/auth-core";

/**
 * The name of the directory, or the end of the file's name, under which what belongs to one platform is kept:
 * `<scheme>_<hostname>_<effective port>`. The same platform spelt otherwise (upper case, a trailing slash, the default
 * port, a path) has the same name.
 *
 * @param origin the platform's origin or base URL
 * @throws AuthError `PLATFORM_URL_INVALID`
 * @example
 * audienceDirName("https://Platform.example/"); // "https_platform.example_443"
 */
export function audienceDirName(origin: string): string {
  const { protocol, hostname, port } = new URL(platformOrigin(origin));
  return `${protocol.slice(0, -1)}_${hostname}_${port || (protocol === "https:" ? 443 : 80)}`;
}

/** What tells one token from another without giving it away. */
export function digestOf(token: string): string {
  // Loaded when it is needed: that takes as long as loading all the rest of this package.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256").update(token).digest("hex");
}
