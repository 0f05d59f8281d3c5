import { expect } from "vitest";
import type { PostgresStore } from "../../src/storage/postgres/postgres-store.ts";
import { fleetOf, standbyOf } from "./store-scene.ts";

export const T1 = "a-token-that-was-here-0001";
export const T2 = "a-token-that-came-later-02";
export const T3 = "a-token-that-came-last-003";
export const OPERATOR = "a-token-of-the-operator-04";

/** Machines that share a store, which holds `T1`, and a standby that has received nothing since. */
export async function failoverScene(url: string) {
  const made = await fleetOf(url, "a", "b");
  const [a, b] = made.machines;
  const token = (machine: PostgresStore) => machine.token(made.ref);
  const rotate = async (machine: PostgresStore, from: string | null, to: string) => {
    expect(await token(machine).replace?.(from, to)).toBe(true);
  };
  await rotate(a, null, T1);
  return { ...made, a, b, token, rotate, behind: await standbyOf(url, made.fleet) };
}
