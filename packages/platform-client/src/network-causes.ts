/** What a network error's code means, and what to do. */
export interface NetworkCause {
  /** What to do. `{server}` is replaced by the affected server, `{setting}` by the setting that configures it. */
  readonly fix: string;
  /** The error does not resolve by itself. */
  readonly isLasting: boolean;
  /** There was no connection, so nothing was sent. */
  readonly isUnsent: boolean;
}

const lasting = (fix: string): NetworkCause => ({ fix, isLasting: true, isUnsent: true });
const unreachable = (fix: string): NetworkCause => ({ fix, isLasting: false, isUnsent: true });
const broken = (fix: string): NetworkCause => ({ fix, isLasting: false, isUnsent: false });

const UNTRUSTED = lasting(
  "{Server}'s certificate comes from an authority that this machine does not trust: pass that authority's certificate as NODE_EXTRA_CA_CERTS=<file>, and restart.",
);
const SELF_SIGNED = lasting(
  "{Server}'s certificate is self-signed: trust it with NODE_EXTRA_CA_CERTS=<file>, and restart, or replace it with one from a trusted authority.",
);
const BAD_CERTIFICATE = lasting(
  "{Server}'s certificate cannot be used: its operator must install another one.",
);
const OTHER_NAME = lasting("{Server}'s certificate is for another name: check the host in {setting}.");
const NO_TLS = lasting(
  "{Server} does not speak https at this address, perhaps http: check the scheme and port in {setting}.",
);
const NO_AGREEMENT = lasting(
  "{Server} and this machine cannot agree on TLS (version, cipher or client certificate): check the scheme and port in {setting}, then {server}'s TLS settings.",
);
const REFUSED = unreachable(
  "Nothing listens at that address: check that {server} is up, and the host and port in {setting}.",
);
const UNKNOWN_NAME = unreachable(
  "The host name in {setting} cannot be resolved: check its spelling, then this machine's DNS.",
);
const NO_ROUTE = unreachable(
  "{Server} is unreachable from this machine: check its network, and whether it needs a proxy (HTTPS_PROXY).",
);
const CONNECT_TIMEOUT = unreachable(
  "{Server} does not answer: check the host and port in {setting}, firewalls, and whether this machine needs a proxy (HTTPS_PROXY).",
);
const TIMEOUT = broken(
  "{Server} does not answer in time: check that it is up, the host and port in {setting}, and any firewall or proxy in between.",
);
const CLOSED = broken(
  "The connection was closed without a response: check that {server} is up, and the scheme and port in {setting}.",
);
const NO_HTTP = broken(
  "The server at this address does not speak HTTP: check the scheme and port in {setting}.",
);
const LONG_HEADERS: NetworkCause = {
  fix: "The answer's headers are too long: find what adds them between this machine and {server}, or allow more with NODE_OPTIONS=--max-http-header-size=65536.",
  isLasting: true,
  isUnsent: false,
};

/** By the codes of Node, OpenSSL, undici, and this project's transports. */
const CAUSES: Readonly<Record<string, NetworkCause>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: SELF_SIGNED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_UNTRUSTED: UNTRUSTED,
  CERT_HAS_EXPIRED: lasting(
    "{Server}'s certificate has expired: its operator must renew it (unless this machine's clock is wrong).",
  ),
  CERT_NOT_YET_VALID: lasting(
    "{Server}'s certificate is not valid yet: check this machine's clock, then the certificate.",
  ),
  ERR_TLS_CERT_ALTNAME_INVALID: OTHER_NAME,
  HOSTNAME_MISMATCH: OTHER_NAME,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  ERR_SSL_HTTP_REQUEST: NO_TLS,
  EPROTO: NO_AGREEMENT,
  HTTPS_EXPECTED: lasting("{Server} speaks https at this port, not http: write https:// in {setting}."),
  ECONNREFUSED: REFUSED,
  ENOTFOUND: UNKNOWN_NAME,
  EAI_NODATA: UNKNOWN_NAME,
  EAI_NONAME: UNKNOWN_NAME,
  EAI_AGAIN: unreachable("The host name in {setting} cannot be resolved now: check this machine's DNS."),
  EAI_FAIL: unreachable("The host name in {setting} cannot be resolved now: check this machine's DNS."),
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  EADDRNOTAVAIL: NO_ROUTE,
  EACCES: unreachable("This machine blocks the outgoing connection: check its firewall."),
  EPERM: unreachable("This machine blocks the outgoing connection: check its firewall."),
  ETIMEDOUT: CONNECT_TIMEOUT,
  UND_ERR_CONNECT_TIMEOUT: CONNECT_TIMEOUT,
  TIMEOUT,
  UND_ERR_HEADERS_TIMEOUT: TIMEOUT,
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
  UND_ERR_SOCKET: CLOSED,
  UND_ERR_HEADERS_OVERFLOW: LONG_HEADERS,
  HPE_HEADER_OVERFLOW: LONG_HEADERS,
  HTTP_407: lasting(
    "The proxy requires a user name and a password, or rejects the current ones: put them into {setting}, as http://user:password@host:port.",
  ),
  HTTP_502: unreachable(
    "The proxy cannot reach the platform: check the host and port in PLATFORM_URL, then the proxy.",
  ),
  HTTP_503: unreachable(
    "The proxy cannot reach the platform: check the host and port in PLATFORM_URL, then the proxy.",
  ),
  HTTP_504: unreachable(
    "The proxy cannot reach the platform: check the host and port in PLATFORM_URL, then the proxy.",
  ),
};

/** Any other proxy response to CONNECT. */
const PROXY_REJECTED = lasting(
  "The proxy rejects this connection: ask its operator to allow the platform's host and port, or name the host in NO_PROXY.",
);

const CERTIFICATE_CODE =
  /^(CERT_|UNABLE_TO_(GET|DECRYPT|DECODE)_|INVALID_(CA|PURPOSE)|ERROR_IN_CERT|PATH_LENGTH|ERR_TLS_CERT)/;
const TLS_CODE = /^(ERR_SSL_|ERR_OSSL_|ERR_TLS_)/;
/** Codes of Node's HTTP parser. */
const NO_HTTP_CODE = /^HPE_/;
const PROXY_CODE = /^PROXY_(.+)$/;

/** Finds a code's cause. Codes that begin with `PROXY_` are about the proxy. */
export function networkCauseOf(code: string): NetworkCause | undefined {
  const ofProxy = PROXY_CODE.exec(code)?.[1];
  const cause = causeOf(ofProxy ?? code, ofProxy !== undefined);
  if (cause === undefined) return undefined;
  const [server, setting] = ofProxy === undefined ? PLATFORM : PROXY;
  const fix = cause.fix
    .replaceAll("{server}", server)
    .replaceAll("{Server}", server.replace("the", "The"))
    .replaceAll("{setting}", setting);
  // Before the tunnel is established, the platform has received nothing, whatever the proxy does.
  return { ...cause, fix, isUnsent: cause.isUnsent || ofProxy !== undefined };
}

const PLATFORM = ["the platform", "PLATFORM_URL"] as const;
const PROXY = ["the proxy", "HTTPS_PROXY or HTTP_PROXY"] as const;

function causeOf(code: string, isProxy: boolean): NetworkCause | undefined {
  // A status is a network cause only if it is a proxy's: the platform's responses are classified elsewhere.
  if (!code.startsWith("HTTP_") || isProxy) {
    if (Object.hasOwn(CAUSES, code)) return CAUSES[code];
  }
  if (isProxy && code.startsWith("HTTP_")) return PROXY_REJECTED;
  if (CERTIFICATE_CODE.test(code)) return BAD_CERTIFICATE;
  if (TLS_CODE.test(code)) return NO_AGREEMENT;
  return NO_HTTP_CODE.test(code) ? NO_HTTP : undefined;
}
