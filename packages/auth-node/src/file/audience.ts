import { platformOrigin } from "@x/auth-core";

/**
 * The directory name or file suffix for one platform's files: `<scheme>_<hostname>_<effective port>`. Other spellings
 * of the same platform (upper case, a trailing slash, the default port, a path) have the same name.
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

/** Whom a token is for. */
export interface Audience {
  /** The platform's. */
  readonly origin: string;
  /** `null`: not known, which is any workspace of the platform. */
  readonly workspaceId: string | null;
}

/**
 * `null` without a platform.
 *
 * @throws AuthError `PLATFORM_URL_INVALID`
 */
export function audienceOf(
  platformUrl: string | undefined,
  workspaceId: string | undefined,
): Audience | null {
  if (platformUrl === undefined) return null;
  const origin = platformOrigin(platformUrl);
  return { origin, workspaceId: workspaceId?.trim().toLowerCase() || null };
}

/** Identifies a token without revealing it. */
export function digestOf(token: string): string {
  // Loaded on demand, because it takes as long as the rest of this package.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256").update(token).digest("hex");
}
