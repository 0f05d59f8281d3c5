import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";

/** The platform's labels for address ranges to which it never sends messages. */
const BLOCKED: readonly (readonly [network: string, prefix: number, label: string])[] = [
  ["169.254.0.0", 16, "link-local address (cloud metadata endpoint)"],
  ["127.0.0.0", 8, "loopback address"],
  ["fe80::", 10, "IPv6 link-local address (cloud metadata analogue)"],
  ["::1", 128, "IPv6 loopback address"],
  ["192.0.2.0", 24, "TEST-NET-1 documentation range (RFC-5737)"],
  ["198.51.100.0", 24, "TEST-NET-2 documentation range (RFC-5737)"],
  ["203.0.113.0", 24, "TEST-NET-3 documentation range (RFC-5737)"],
  ["100.64.0.0", 10, "carrier-grade NAT address (RFC-6598)"],
  ["224.0.0.0", 4, "IPv4 multicast address"],
  ["fc00::", 8, "IPv6 ULA non-routable prefix (fc00::/8)"],
  ["2001:db8::", 32, "IPv6 documentation address (RFC-3849 reserved)"],
  ["10.0.0.0", 8, "RFC-1918 private address"],
  ["172.16.0.0", 12, "RFC-1918 private address"],
  ["192.168.0.0", 16, "RFC-1918 private address"],
  ["fd00::", 8, "IPv6 ULA address (RFC-4193 private)"],
];

const ranges = BLOCKED.map(([network, prefix, label]) => {
  const list = new BlockList();
  list.addSubnet(network, prefix, network.includes(":") ? "ipv6" : "ipv4");
  return { list, label };
});

/** Names that are reserved and never resolve (RFC 6761): no DNS lookup needed. */
const NEVER_RESOLVES = /(?:^|\.)(?:invalid|test|example)\.?$/i;
const LOOKUP_MS = 3_000;

/** The error for a push agent's URL; null if it is valid. */
export async function whatIsWrongWithUrl(url: string): Promise<string | null> {
  const scheme = schemeOf(url);
  if (scheme !== "http" && scheme !== "https") {
    return `url scheme must be http or https, got ${JSON.stringify(scheme)}`;
  }
  if (!URL.canParse(url)) return "url is not a valid URL";
  const hostname = new URL(url).hostname.replace(/^\[|\]$/g, "");
  if (isIP(hostname) !== 0) {
    const label = blocked(hostname);
    return label === null ? null : `url targets a blocked address: ${label}`;
  }
  // By name it is allowed, for agents in development.
  if (hostname === "localhost") return null;
  const addresses = await addressesOf(hostname);
  if (addresses === null) return `hostname ${JSON.stringify(hostname)} cannot be resolved (DNS error)`;
  const label = addresses.map(blocked).find((found) => found !== null);
  return label === undefined
    ? null
    : `hostname ${JSON.stringify(hostname)} resolves to forbidden address: url targets a blocked address: ${label}`;
}

function blocked(address: string): string | null {
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  if (isIP(address) === 0) return null;
  return ranges.find(({ list }) => list.check(address, family))?.label ?? null;
}

async function addressesOf(hostname: string): Promise<string[] | null> {
  if (NEVER_RESOLVES.test(hostname)) return null;
  const late = new Promise<null>((resolve) => setTimeout(resolve, LOOKUP_MS, null).unref());
  const found = lookup(hostname, { all: true }).then(
    (answers) => answers.map(({ address }) => address),
    () => null,
  );
  return Promise.race([found, late]);
}

/** The text before the first colon; empty if it is not a scheme, as in Go's `url.Parse`. */
function schemeOf(url: string): string {
  return /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? "";
}
