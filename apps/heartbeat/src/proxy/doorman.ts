import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isLoopbackHost } from "@x/emulator/connections";

/** Who may not use the proxy, and why. */
export interface Doorman {
  /** `null`: the request may proceed. */
  refuses(request: IncomingMessage): {
    readonly status: 401 | 421;
    readonly error: string;
    readonly why: string;
  } | null;
}

/** For a socket whose file only its owner can open. */
export const openDoor: Doorman = { refuses: () => null };

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/**
 * For a port of this machine, which every program and every web page of it reaches: requests bring the secret, as
 * `Authorization: Bearer <secret>`, and mean this machine by their `Host`, which a page whose name was made to point here
 * (DNS rebinding) does not.
 */
export function secretDoor(secret: string): Doorman {
  const expected = digest(`Bearer ${secret}`);
  return {
    refuses({ headers: { host = "", authorization = "" } }) {
      const error = "http_request_denied";
      if (!isLoopbackHost(host))
        return { status: 421, error, why: "Host must be 127.0.0.1, [::1] or localhost" };
      if (timingSafeEqual(digest(authorization), expected)) return null;
      return {
        status: 401,
        error,
        why: "the proxy's secret is missing or wrong: Authorization: Bearer <secret>",
      };
    },
  };
}
