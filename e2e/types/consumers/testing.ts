import { memoryTokenStorage } from "@x/auth-core";
import { describeTokenStorage, type StorageFixture } from "@x/auth-testing";

export function register(describe: (name: string, body: () => void) => void, it: typeof describe): void {
  const create = (): StorageFixture => ({ storage: memoryTokenStorage() });
  // @ts-expect-error: a runner is required
  describeTokenStorage("memory", create);
  describeTokenStorage("memory", create, { describe, it: (name, body) => it(name, () => void body()) });
}
