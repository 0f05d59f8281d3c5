import { describeTokenStorage, type Runner, type StorageFixture } from "@x/auth-testing";

export function register(runner: Runner): void {
  const create = (): StorageFixture => {
    let token: string | null = null;
    const write = (text: string) => {
      token = text;
    };
    return { storage: { location: "an environment variable", read: () => token, write } };
  };
  describeTokenStorage("an environment variable", create, runner);
  // @ts-expect-error: a runner is required
  describeTokenStorage("an environment variable", create);
}
