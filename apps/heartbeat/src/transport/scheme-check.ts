import { networkErrorCode, type TransportResponse } from "@x/platform-client";
import { hostOf } from "./hosts.ts";

/**
 * How a server that requires TLS ends a plain request: by closing, or with bytes that are not HTTP. Others (nginx, Go)
 * answer with a page.
 */
const UNCLEAR = /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|NETWORK_ERROR|HPE_.*)$/;

const PROBE_TIMEOUT_MS = 2_000;
const PROBE_EVERY_MS = 60_000;

/**
 * Finds out why plain requests fail: a port that speaks TLS ends them in ways that look like an outage. If that is the
 * cause, they fail with `HTTPS_EXPECTED`.
 */
export class SchemeCheck {
  readonly #url: string;
  #probe: Promise<boolean> | null = null;
  #probedAt = 0;

  constructor(platformUrl: string) {
    this.#url = platformUrl;
  }

  isUnclearResponse({ status, text }: TransportResponse): boolean {
    return status === 400 && !/^\s*\{/.test(text ?? "");
  }

  isUnclearFailure(error: Error): boolean {
    return UNCLEAR.test(networkErrorCode(error));
  }

  /** The answer, if there was one. */
  async response(response: TransportResponse): Promise<TransportResponse> {
    if (await this.#isHttps()) throw httpsExpected();
    return response;
  }

  /** Why it failed. */
  async failure(error: Error): Promise<Error> {
    return (await this.#isHttps()) ? httpsExpected() : error;
  }

  #isHttps(): Promise<boolean> {
    if (this.#probe === null || performance.now() - this.#probedAt > PROBE_EVERY_MS) {
      this.#probedAt = performance.now();
      this.#probe = speaksTls(this.#url);
    }
    return this.#probe;
  }
}

/** `null` when the platform is reached over TLS. */
export const schemeCheckFor = (platformUrl: string): SchemeCheck | null =>
  new URL(platformUrl).protocol === "http:" ? new SchemeCheck(platformUrl) : null;

const httpsExpected = () => Object.assign(new Error(), { code: "HTTPS_EXPECTED" });

/** Whether a TLS handshake succeeds, ignoring the certificate; nothing is sent after it. */
async function speaksTls(url: string): Promise<boolean> {
  // TLS is slow to load and needed only here.
  const tls = await import("node:tls");
  return new Promise((resolve) => {
    const socket = tls.connect({
      host: hostOf(url),
      port: Number(new URL(url).port || 80),
      rejectUnauthorized: false,
      timeout: PROBE_TIMEOUT_MS,
    });
    const end = (speaks: boolean) => {
      socket.destroy();
      resolve(speaks);
    };
    socket.on("secureConnect", () => end(true));
    socket.on("timeout", () => end(false));
    socket.on("error", () => end(false));
  });
}
