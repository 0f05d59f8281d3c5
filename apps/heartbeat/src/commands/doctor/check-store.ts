import { setTimeout as sleep } from "node:timers/promises";
import { isAuthError } from "@x/auth-core";
import { type PostgresTokenStore, postgresTokenStore, readKeyFile } from "@x/auth-postgres";
import type { Ownerships } from "../../cluster/lease-store.ts";
import { LEASE_TIMING } from "../../cluster/lease-timing.ts";
import { listDigest } from "../../cluster/list-digest.ts";
import type { Runner } from "../../cluster/membership.ts";
import { PostgresLeases } from "../../cluster/postgres-leases.ts";
import type { StoreConfig } from "../../config/store-flags.ts";
import type { WorkspaceConfig } from "../../config/workspaces.ts";
import { clusterProblems } from "../../storage/postgres/cluster-problems.ts";
import { SharedDatabase } from "../../storage/postgres/shared-database.ts";
import { type Finding, note, ok, problem } from "./findings.ts";

/** A live runner renews its lease within this time: an interval, 10 % of it, and an answer. */
const RENEWAL_MS = LEASE_TIMING.renewMs * 1.1 + 1_000;

/** The findings about the shared store. */
export interface StoreCheck {
  readonly findings: readonly Finding[];
  /** Used to check the workspaces' tokens; `null` when the store cannot be used, as the findings say. */
  readonly opened: { readonly tokens: PostgresTokenStore; readonly ownerships: Ownerships } | null;
  close(): Promise<void>;
}

/** Checks whether the store can be reached and used, whether the key decrypts it, and which runners share it. */
export async function checkStore(
  { url, keyFile, fleet }: StoreConfig,
  list: readonly WorkspaceConfig[],
): Promise<StoreCheck> {
  const unusable = (...findings: readonly Finding[]) => ({ findings, opened: null, close: async () => {} });
  let keys: readonly string[];
  try {
    keys = await readKeyFile(keyFile);
  } catch (error) {
    return unusable(failed("key file", error));
  }
  const tokens = postgresTokenStore({ url, fleet, keys });
  const { location } = tokens;
  const leases = new PostgresLeases({ url, fleet, location });
  const database = new SharedDatabase({ url, location });
  try {
    const { problems, serverVersion, tokens: count } = await tokens.inspect();
    const messages =
      problems.length > 0 ? problems.map(({ message }) => message) : await clusterProblems(database, fleet);
    if (messages.length > 0) {
      await tokens.close();
      return unusable(...messages.map((message) => failed("store", message)));
    }
    const held = count === 1 ? "1 token" : `${count} tokens`;
    const store = ok(
      "store",
      `${location} (PostgreSQL ${serverVersion}): ${held}, and the key decrypts them`,
    );
    const { ownerships, asleep } = await observe(leases);
    const findings = [
      store,
      ...(await writeFindings(database)),
      ...fleetFindings(ownerships, asleep),
      ...listFindings(ownerships.runners, listDigest(list)),
    ];
    return { findings, opened: { tokens, ownerships }, close: () => tokens.close() };
  } catch (error) {
    await tokens.close();
    return unusable(failed("store", error));
  } finally {
    await Promise.all([leases.close(), database.close()]);
  }
}

/** A standby has already been reported; a server with a full disk may also be set to accept no writes. */
async function writeFindings(database: SharedDatabase): Promise<readonly Finding[]> {
  const text = "select current_setting('transaction_read_only') as read_only";
  const [row] = await database.query("STORAGE_READ_FAILED", text, []);
  if (row?.read_only !== "on") return [];
  const fix =
    "turn off default_transaction_read_only for this user and database; if the provider has turned it on, free space";
  return [problem("store", "new sessions may not write, so no token can be stored", fix)];
}

/** A row shows that a runner exists; only its next renewal shows that it is alive. */
async function observe(
  leases: PostgresLeases,
): Promise<{ readonly ownerships: Ownerships; readonly asleep: readonly Runner[] }> {
  const before = await leases.list();
  if (before.runners.length === 0) return { ownerships: before, asleep: [] };
  await sleep(RENEWAL_MS);
  const ownerships = await leases.list();
  const isAsleep = ({ id, renewals }: Runner) =>
    before.runners.some((seen) => seen.id === id && seen.renewals === renewals);
  return { ownerships, asleep: ownerships.runners.filter(isAsleep) };
}

function fleetFindings({ runners, owners }: Ownerships, asleep: readonly Runner[]): readonly Finding[] {
  if (runners.length === 0) return [note("runners", "none is running")];
  const unowned = owners.filter((owner) => owner === null).length;
  const seconds = Math.round(RENEWAL_MS / 1_000);
  const findings = [ok("runners", `${runners.length}: ${names(runners)}`)];
  if (asleep.length > 0) {
    const detail = `not seen for ${seconds} s: ${names(asleep)}; others take over their workspaces within 20 s`;
    const isAll = asleep.length === runners.length;
    findings.push(
      isAll ? problem("runners", detail, "start a runner: none is alive") : note("runners", detail),
    );
  }
  findings.push(
    unowned === 0
      ? ok("shards", `all ${owners.length} are owned`)
      : problem(
          "shards",
          `${unowned} of ${owners.length} have no owner: no heartbeats are sent for their workspaces`,
          "runners take them over within 20 s; if they do not, look for CLUSTER_STORE_UNREACHABLE in their logs",
        ),
  );
  return findings;
}

/** @param own digest of the list given here */
function listFindings(runners: readonly Runner[], own: string): readonly Finding[] {
  const digests = [...new Set(runners.map(({ listDigest }) => listDigest))];
  const of = (digest: string) => names(runners.filter(({ listDigest }) => listDigest === digest));
  if (digests.length > 1) {
    const detail = `runners have different lists of workspaces: ${digests.map(of).join(" | ")}`;
    const fix = "give all runners the same list: a workspace stays online only while its owner's list has it";
    return [problem("lists", detail, fix)];
  }
  // The list given here may be a part of theirs, such as one workspace to check.
  const isOther = digests.length === 1 && digests[0] !== own;
  return isOther ? [note("lists", "the runners' list differs from the one given here")] : [];
}

const names = (runners: readonly Runner[]): string =>
  runners
    .map(({ name }) => name)
    .sort()
    .join(", ");

function failed(check: string, why: unknown): Finding {
  if (typeof why !== "string" && !isAuthError(why)) throw why;
  // Its message contains the fix.
  return { check, status: "problem", detail: typeof why === "string" ? why : why.message };
}
