import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Certificate } from "../certificates.ts";
import { temporaryDirectory } from "./directory.ts";

/** The environment of a process that trusts the authority. */
export function trust({ cert }: Certificate) {
  const ca = join(temporaryDirectory(), "ca.pem");
  writeFileSync(ca, cert);
  return { NODE_EXTRA_CA_CERTS: ca };
}
