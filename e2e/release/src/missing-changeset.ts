import type { Bump, Checkout } from "./checkout.ts";
import type { Publisher } from "./publisher.ts";

interface PullRequest {
  readonly title: string;
  readonly touches: string;
  readonly changeset?: Bump;
  readonly passes: boolean;
}

const pullRequests: readonly PullRequest[] = [
  { title: "a change without a changeset", touches: "packages/auth-node/src/index.ts", passes: false },
  {
    title: "a change with a changeset",
    touches: "packages/auth-node/src/index.ts",
    changeset: "patch",
    passes: true,
  },
  { title: "a test", touches: "packages/auth-node/src/index.test.ts", passes: true },
  { title: "a change to an app", touches: "apps/heartbeat/src/cli.ts", passes: false },
];

/** Whether the pull-request check passes exactly what it should. @returns the wrong outcomes */
export async function checkPullRequests(checkout: Checkout, publisher: Publisher): Promise<string[]> {
  const wrong: string[] = [];
  for (const { title, touches, changeset, passes } of pullRequests) {
    await checkout.git("checkout", "--quiet", "-B", "pull-request", "main");
    await checkout.touch(touches);
    if (changeset) await checkout.addChangeset("pull-request", "@x/auth-node", changeset, title);
    await checkout.commit(title);
    if ((await publisher.hasChangesets("main")) !== passes)
      wrong.push(`${title} ${passes ? "fails" : "passes"}`);
  }
  return wrong;
}
