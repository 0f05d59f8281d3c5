import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import { AuthError } from "@x/auth-core";
import type { StoreKey } from "./keys.ts";

const FORMAT = 1;
const ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + ID_BYTES;

/** Identifies a secret's row. */
export interface RowKey {
  /** The platform's origin. */
  readonly platform: string;
  /** The workspace's id. */
  readonly id: string;
  readonly kind: string;
}

/** What a sealed text is bound to. It cannot be opened with another context. */
export interface SealContext extends RowKey {
  readonly fleet: string;
}

/** Identifies a key without revealing it: the first bytes of its digest. */
const keyId = (key: StoreKey): Buffer =>
  createHash("sha256").update("@x/auth-postgres key id\0").update(key).digest().subarray(0, ID_BYTES);

/** AES-256-GCM: format, key id, nonce, ciphertext, tag. Returns different bytes on each call. */
export function seal(key: StoreKey, context: SealContext, text: Uint8Array): Buffer {
  const head = Buffer.concat([Buffer.of(FORMAT), keyId(key)]);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(head, context));
  return Buffer.concat([head, nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

export function isSealedWith(key: StoreKey, sealed: Uint8Array): boolean {
  return keyId(key).equals(sealed.subarray(1, HEAD_BYTES));
}

/**
 * Opens a text sealed by any of the keys.
 *
 * @param what names the secret, as in `The token of …`
 * @throws AuthError `STORAGE_READ_FAILED`: none of the keys sealed it, or it was altered, or it belongs to another
 * context
 */
export function open(
  keys: readonly StoreKey[],
  context: SealContext,
  { sealed, what }: { readonly sealed: Uint8Array; readonly what: string },
): Buffer {
  const bytes = Buffer.from(sealed);
  const head = bytes.subarray(0, HEAD_BYTES);
  if (bytes.length < HEAD_BYTES + NONCE_BYTES + TAG_BYTES || head[0] !== FORMAT) throw damaged(what);
  const ofKey = keys.filter((key) => keyId(key).equals(head.subarray(1)));
  if (ofKey.length === 0) throw wrongKey(what);
  for (const key of ofKey) {
    const text = tryOpen(key, context, bytes);
    if (text !== null) return text;
  }
  throw damaged(what);
}

function tryOpen(key: StoreKey, context: SealContext, bytes: Buffer): Buffer | null {
  const nonce = bytes.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(bytes.subarray(0, HEAD_BYTES), context));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const ciphertext = bytes.subarray(HEAD_BYTES + NONCE_BYTES, -TAG_BYTES);
  try {
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } catch {
    return null;
  }
}

/** A keyed hash that shows whether two tokens of a workspace are equal without revealing them. */
export function printOf(printKey: Uint8Array, context: SealContext, token: string): Buffer {
  return createHmac("sha256", printKey).update(joined(context)).update(token).digest();
}

function additionalData(head: Buffer, context: SealContext): Buffer {
  return Buffer.concat([head, joined(context)]);
}

/** Each part is preceded by its length, so that different parts never give the same bytes. */
function joined({ fleet, platform, id, kind }: SealContext): Buffer {
  return Buffer.concat(
    [fleet, platform, id, kind].flatMap((part) => {
      const bytes = Buffer.from(part, "utf8");
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

const wrongKey = (what: string) =>
  new AuthError(
    "STORAGE_READ_FAILED",
    `${what} was encrypted with another key: use the key file that the store was set up with.`,
  );

const damaged = (what: string) =>
  new AuthError(
    "STORAGE_READ_FAILED",
    `${what} was altered in the database, or belongs to another workspace or fleet; restore it, or store a new token.`,
  );
