import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** Created in memory for one test: the minimum that RFC 5280 requires, in DER (X.690). */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

interface Wanted {
  readonly name: string;
  /** Its host names and IPv4 addresses. */
  readonly hosts?: readonly string[];
  /** Validity in days, relative to now. @default [-1, 1] */
  readonly validDays?: readonly [number, number];
  readonly isAuthority?: boolean;
}

interface Issuer {
  readonly name: string;
  readonly privateKey: KeyObject;
}

/** A self-signed certificate. */
export function selfSigned(wanted: Wanted): Certificate {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return certify(wanted, keys, { name: wanted.name, privateKey: keys.privateKey });
}

/** An authority that issues certificates. */
export function createAuthority(name = "Test authority") {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = { name, privateKey: keys.privateKey };
  return {
    ...certify({ name, isAuthority: true }, keys, issuer),
    issue: (wanted: Wanted) => certify(wanted, generateKeyPairSync("ec", { namedCurve: "P-256" }), issuer),
  };
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function certify(wanted: Wanted, { publicKey, privateKey }: KeyPair, issuer: Issuer): Certificate {
  const { name, hosts = [], validDays: [from, to] = [-1, 1], isAuthority = false } = wanted;
  const extensions = [
    extension("551d13", sequence(...(isAuthority ? [der(0x01, Buffer.from([0xff]))] : []))),
    ...(hosts.length > 0 ? [extension("551d11", sequence(...hosts.map(alternativeName)))] : []),
  ];
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    nameOf(issuer.name),
    sequence(time(from), time(to)),
    nameOf(name),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", content, issuer.privateKey);
  const certificate = sequence(content, ECDSA_WITH_SHA256, bits(signature));
  const lines = certificate.toString("base64").replace(/.{64}/g, "$&\n").trim();
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
  };
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]) => der(0x30, Buffer.concat(parts));
const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const bits = (content: Buffer) => der(0x03, Buffer.concat([Buffer.from([0]), content]));
const nameOf = (text: string) => sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(text)))));
const extension = (hex: string, value: Buffer) => sequence(oid(hex), der(0x04, value));
const ECDSA_WITH_SHA256 = sequence(oid("2a8648ce3d040302"));

function alternativeName(host: string): Buffer {
  const isAddress = /^[\d.]+$/.test(host);
  return isAddress ? der(0x87, Buffer.from(host.split(".").map(Number))) : der(0x82, Buffer.from(host));
}

function time(days: number): Buffer {
  const iso = new Date(Date.now() + days * 86_400_000).toISOString();
  return der(0x18, Buffer.from(`${iso.slice(0, 19).replace(/[-:T]/g, "")}Z`));
}
