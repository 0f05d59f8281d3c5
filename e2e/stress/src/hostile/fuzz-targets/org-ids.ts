import { createAuth, memoryTokenStorage } from "@x/auth-core";
import { hostile } from "../inputs/text.ts";
import { orgIds } from "../inputs/valid.ts";
import { isBlank, orgIdIn } from "../rules.ts";
import { wrongWith } from "../wire/wire.ts";
import { attempt, checkRejection, type FuzzTarget, openFuzzTarget } from "./fuzz-target.ts";

const textOf = (value: unknown) => String(value ?? "");

/** Only text names a tenant. */
const tenantIn = (value: unknown) => (typeof value === "string" ? orgIdIn(value) : null);

/** The tenant, in either environment variable. */
export const orgIdTarget: FuzzTarget = {
  id: "org-ids",
  what: "MOLECULE_ORG_ID",
  share: 100_000,
  atOnce: 1,
  async open({ wire }) {
    return openFuzzTarget(hostile(orgIds), {
      async check(value) {
        const text = textOf(value);
        const orgId = tenantIn(value);
        for (const name of ["MOLECULE_ORG_ID", "MOLECULE_ORGANIZATION_ID"]) {
          const auth = createAuth({ storage: memoryTokenStorage(), env: { [name]: value as string } });
          const done = await attempt(() => auth.authHeaders());
          if ("error" in done) {
            if (orgId !== null) return { bad: `${name}: rejected a valid tenant` };
            const result = checkRejection(done.error, ["ORG_ID_INVALID"], [text]);
            if (typeof result === "object") return result;
          } else if (orgId === null && !isBlank(text)) return { bad: `${name}: accepted an invalid tenant` };
          else if ((done.value["X-Molecule-Org-Id"] ?? null) !== orgId)
            return { bad: `${name}: another tenant` };
        }
        return orgId === null ? "rejected" : "accepted";
      },
      async send(value) {
        const env = { PLATFORM_URL: wire.origin, MOLECULE_ORG_ID: value as string };
        const auth = createAuth({ storage: memoryTokenStorage(), env });
        const heads = await wire.heads(async () =>
          fetch(`${wire.origin}/x`, { headers: await auth.authHeaders() }),
        );
        return wrongWith(heads, { origin: wire.origin, "x-molecule-org-id": tenantIn(value) ?? "" });
      },
    });
  },
};
