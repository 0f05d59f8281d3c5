import fc, { type IRawProperty, type Parameters } from "fast-check";
import { expect } from "vitest";
import { loadSources, type Mutation } from "../invariants/load-product.ts";

interface Fault {
  /** Occurs exactly once in the file. */
  readonly find: string;
  /** @default nothing: it is removed */
  readonly replacement?: string;
  /** The error of the property that must detect it. */
  readonly shows: RegExp;
}

/** A fault in the code, and the error of the property that must detect it. */
export interface Mutant extends Mutation {
  readonly name: string;
  readonly shows: RegExp;
}

/** @param files the faults by source file, from the root of the repository, and by name */
export const mutantsOf = (files: Readonly<Record<string, Readonly<Record<string, Fault>>>>): Mutant[] =>
  Object.entries(files).flatMap(([file, faults]) =>
    Object.entries(faults).map(([name, fault]) => ({ name, file, replacement: "", ...fault })),
  );

/** Expects the property of this mutant of a product to fail, with its error. */
export async function expectDetected<Product, Case>(
  entry: URL,
  { shows, ...mutation }: Mutant,
  property: (product: Product) => IRawProperty<Case>,
  parameters: Parameters<Case>,
): Promise<void> {
  const mutated = await loadSources<Product>(entry, mutation);
  const details = await fc.check(property(mutated), { ...parameters, endOnFailure: true });
  expect(String(details.errorInstance)).toMatch(shows);
}
