/** A UUID as `uuidgen` on macOS, .NET or a URN writes it. */
const OTHERWISE = /^(urn:uuid:)?\{?[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\}?$/i;
const OURS = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const IN_OUR_NOTATION = "Write the UUID in lower case, and nothing around it.";

/** Whether it is a UUID that has to be written in another way. */
export function isInOtherNotation(id: unknown): boolean {
  if (typeof id !== "string") return false;
  return OTHERWISE.test(id.trim()) && !OURS.test(id.trim());
}
