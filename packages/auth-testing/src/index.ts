export { describeTokenStorage, type Runner } from "./describe-token-storage.ts";
export type { StorageFixture } from "./fixture.ts";
