import { BlockList, isIP } from "node:net";

const OWN_ADDRESSES = new BlockList();
OWN_ADDRESSES.addSubnet("127.0.0.0", 8, "ipv4");
OWN_ADDRESSES.addAddress("0.0.0.0", "ipv4");
OWN_ADDRESSES.addAddress("::1", "ipv6");
OWN_ADDRESSES.addAddress("::", "ipv6");

/** A URL's host as it is compared: without brackets, without the dot at the end of a full name. */
export const hostOf = (url: string): string =>
  new URL(url).hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");

/** True for this machine: what is sent there leaves it on no network, and no proxy has to carry it. */
export function isThisMachine(url: string): boolean {
  const host = hostOf(url);
  const family = isIP(host);
  if (family !== 0) return OWN_ADDRESSES.check(host, family === 6 ? "ipv6" : "ipv4");
  return host === "localhost" || host.endsWith(".localhost");
}
