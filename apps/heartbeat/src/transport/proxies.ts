import type { Env } from "@x/auth-core";
import { isThisMachine } from "./hosts.ts";
import { parseNoProxy } from "./no-proxy.ts";

/** The proxy for requests to a platform. */
export interface ProxyRoute {
  /** Scheme, host and port of the proxy: without user name and password, so that it may be shown. */
  readonly origin: string;
  /** The environment variable that names it. */
  readonly variable: string;
  /** Value of `Proxy-Authorization`; `null` when the variable has no user. A function, so that nothing prints it. */
  authorization(): string | null;
}

/** The proxy for requests to a platform, or why they use none. */
export type Route =
  | { readonly proxy: ProxyRoute }
  | { readonly proxy: null; readonly why: "none" | "this-machine" | "no-proxy" };

/** The proxies of an environment. */
export interface Proxies {
  /** @throws Error with a readable sentence, when the variable that applies cannot be used */
  routeTo(platformUrl: string): Route;
}

/**
 * Reads `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, and `ALL_PROXY` if the first two are not set, in upper or lower
 * case; the lower case takes precedence, as in other programs. This machine is reached directly.
 *
 * @example
 * readProxies(process.env).routeTo("https://platform.example");
 */
export function readProxies(env: Env): Proxies {
  const isExempt = parseNoProxy(firstSet(env, ["no_proxy", "NO_PROXY"])?.text ?? "");
  return {
    routeTo(platformUrl) {
      const found = firstSet(env, variablesFor(new URL(platformUrl).protocol));
      if (found === null) return { proxy: null, why: "none" };
      if (isThisMachine(platformUrl)) return { proxy: null, why: "this-machine" };
      return isExempt(platformUrl) ? { proxy: null, why: "no-proxy" } : { proxy: parseProxy(found) };
    },
  };
}

/** Checks all proxies that the environment names, used or not. @throws Error with a readable sentence */
export function checkProxies(env: Env): void {
  for (const names of [HTTPS, HTTP]) {
    const found = firstSet(env, names);
    if (found !== null) parseProxy(found);
  }
}

const HTTP = ["http_proxy", "HTTP_PROXY"];
const HTTPS = ["https_proxy", "HTTPS_PROXY"];
const ALL = ["all_proxy", "ALL_PROXY"];

const variablesFor = (protocol: string) => [...(protocol === "https:" ? HTTPS : HTTP), ...ALL];

interface Value {
  readonly name: string;
  readonly text: string;
}

/** The first that is set and not blank. */
function firstSet(env: Env, names: readonly string[]): Value | null {
  for (const name of names) {
    const text = Object.hasOwn(env, name) ? env[name]?.trim() : undefined;
    if (text) return { name, text };
  }
  return null;
}

/** Never quotes the text: it may hold a password. */
function parseProxy({ name, text }: Value): ProxyRoute {
  if (/^socks/i.test(text)) {
    throw new Error(
      `${name} names a SOCKS proxy, and only HTTP proxies can be used, like http://proxy.example:3128.`,
    );
  }
  const wrong = new Error(
    `${name} is not the URL of a proxy; expected one like http://proxy.example:3128. ` +
      "Percent-encode special characters in a user name or a password.",
  );
  // Other programs also accept just a host and a port.
  const written = text.includes("://") ? text : `http://${text}`;
  if (!/^https?:\/\/[^\s/?#]+\/?$/i.test(written) || !URL.canParse(written)) throw wrong;
  const { origin, hostname, username, password } = new URL(written);
  // Just a number would be parsed as an IPv4 address.
  if (hostname === "" || /^https?:\/\/([^@]*@)?\d+(:|\/|$)/i.test(written)) throw wrong;
  let authorization: string | null = null;
  if (username !== "" || password !== "") {
    try {
      const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
      authorization = `Basic ${Buffer.from(user).toString("base64")}`;
    } catch {
      throw wrong;
    }
  }
  return { origin, variable: name, authorization: () => authorization };
}
