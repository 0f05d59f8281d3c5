import { BlockList, isIP } from "node:net";
import type { Env } from "@x/auth-core";

const OWN_ADDRESSES = new BlockList();
OWN_ADDRESSES.addSubnet("127.0.0.0", 8, "ipv4");
OWN_ADDRESSES.addAddress("0.0.0.0", "ipv4");
OWN_ADDRESSES.addAddress("::1", "ipv6");
OWN_ADDRESSES.addAddress("::", "ipv6");

/** A URL's host in comparable form: without brackets, and without the trailing dot of a full name. */
export const hostOf = (url: string): string =>
  new URL(url).hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");

/** True for this machine: such requests leave it on no network and need no proxy. */
export function isThisMachine(url: string): boolean {
  const host = hostOf(url);
  const family = isIP(host);
  if (family !== 0) return OWN_ADDRESSES.check(host, family === 6 ? "ipv6" : "ipv4");
  return host === "localhost" || host.endsWith(".localhost");
}

/** True if Node connects to a platform on another machine whatever certificate it shows. */
export const acceptsAnyCertificate = (url: string, env: Env): boolean =>
  new URL(url).protocol === "https:" && !isThisMachine(url) && env.NODE_TLS_REJECT_UNAUTHORIZED === "0";
