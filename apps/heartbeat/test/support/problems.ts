import { ConfigError } from "../../src/config/problems.ts";

/** The problems for which a configuration is rejected; none if it is accepted. */
export async function problemsOf(read: () => unknown): Promise<readonly string[]> {
  try {
    await read();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
