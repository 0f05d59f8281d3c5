import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";
import { hostOf } from "./hosts.ts";

/** Whether to reach a URL without a proxy. */
export type Exempts = (url: string) => boolean;

/**
 * Reads `NO_PROXY`: entries between commas, semicolons or blanks. A name stands for itself and all names below it, with or without
 * `.` or `*.` before it; `*` for everything; an address or a network (`10.0.0.0/8`) for itself; `:port` narrows an entry
 * to that port.
 */
export function parseNoProxy(text: string): Exempts {
  const entries = text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(parseEntry);
  return (url) => {
    const { protocol, port } = new URL(url);
    const target = { host: hostOf(url), port: Number(port || (protocol === "https:" ? 443 : 80)) };
    return entries.some((exempts) => exempts(target));
  };
}

interface Target {
  readonly host: string;
  readonly port: number;
}

function parseEntry(text: string): (target: Target) => boolean {
  const entry = text
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, "")
    .replace(/\/+$/, "");
  // An IPv6 address without brackets has no port.
  const { host = entry, port } =
    isIP(entry) === 0 ? (/^(?<host>.+?)(:(?<port>\d{1,5}))?$/.exec(entry)?.groups ?? {}) : {};
  const isSame = hostMatcher(host.replace(/^\[(.*)\]/, "$1").replace(/\.$/, ""));
  return (target) => (port === undefined || Number(port) === target.port) && isSame(target.host);
}

function hostMatcher(entry: string): (host: string) => boolean {
  if (entry === "*") return () => true;
  const network = networkOf(entry);
  if (network !== null) return network;
  const written = entry.replace(/^\*?\./, "");
  // A URL has the ASCII form of a name in other letters (RFC 5890).
  const name = domainToASCII(written) || written;
  if (name.includes("*")) {
    const pattern = new RegExp(`^${name.split(/\*+/).map(literally).join(".*")}$`);
    return (host) => pattern.test(host);
  }
  return (host) => name !== "" && (host === name || host.endsWith(`.${name}`));
}

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** An address or a network; `null` for a name. */
function networkOf(entry: string): ((host: string) => boolean) | null {
  const [address = "", bits] = entry.split("/");
  const family = isIP(address);
  if (family === 0) return null;
  const type = family === 6 ? "ipv6" : "ipv4";
  const list = new BlockList();
  const length = bits === undefined ? (family === 6 ? 128 : 32) : Number(bits);
  if (!Number.isInteger(length) || length < 0 || length > (family === 6 ? 128 : 32)) return () => false;
  list.addSubnet(address, length, type);
  return (host) => isIP(host) !== 0 && list.check(host, isIP(host) === 6 ? "ipv6" : "ipv4");
}
