import { createHash } from "node:crypto";

/** The namespace of the names (RFC 9562, version 5). */
const NAMESPACE = Buffer.from("6f1d2b7e4c3a4f5e9b8d7a6c5e4f3d2b", "hex");

/**
 * A fixed UUID for a readable name: the platform accepts only UUIDs, and tests and examples should be readable.
 *
 * @example
 * workspaceId("atlas"); // the same UUID each time
 */
export function workspaceId(name: string): string {
  const bytes = createHash("sha1").update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
