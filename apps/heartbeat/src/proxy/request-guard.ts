import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isLoopbackHost } from "@x/emulator/connections";

/** Decides who may use the proxy: returns why a request is rejected; `null` if it may proceed. */
export type RequestGuard = (request: IncomingMessage) => {
  readonly status: 401 | 421;
  readonly error: string;
  readonly why: string;
} | null;

/** For a Unix socket whose file only its owner can open. */
export const allowAll: RequestGuard = () => null;

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/**
 * For a local port, which every program and every web page on this machine can reach. Requests must carry the secret as
 * `Authorization: Bearer <secret>` and name this machine in `Host`, which a page whose name resolves here (DNS
 * rebinding) does not.
 */
export function requireSecret(secret: string): RequestGuard {
  const expected = digest(`Bearer ${secret}`);
  return ({ headers: { host = "", authorization = "" } }) => {
    const error = "http_request_denied";
    if (!isLoopbackHost(host))
      return { status: 421, error, why: "Host must be 127.0.0.1, [::1] or localhost" };
    if (timingSafeEqual(digest(authorization), expected)) return null;
    return {
      status: 401,
      error,
      why: "the proxy's secret is missing or wrong: Authorization: Bearer <secret>",
    };
  };
}
