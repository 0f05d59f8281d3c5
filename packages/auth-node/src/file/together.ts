/**
 * Waits for all concurrent steps, even if one fails: once this settles, nothing is running and no descriptor is in use.
 *
 * @throws the error of the first failed step, in the order of the list
 */
export async function together<const T extends readonly unknown[]>(
  steps: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(steps);
  return Promise.all(steps);
}
