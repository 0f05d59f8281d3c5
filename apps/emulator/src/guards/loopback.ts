import type { FastifyRequest } from "fastify";

const LOOPBACK_HOST = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Whether the emulator's own pages may answer this request. A web page from elsewhere can send requests to
 * this machine; its `Origin` gives it away, and where it hides behind a name that now points here, `Host`.
 */
export function isFromThisMachine({ headers }: FastifyRequest): boolean {
  const { host, origin } = headers;
  if (host === undefined || !LOOPBACK_HOST.test(host)) return false;
  if (origin !== undefined && origin !== `http://${host}`) return false;
  const site = headers["sec-fetch-site"];
  return site === undefined || site === "same-origin" || site === "none";
}
