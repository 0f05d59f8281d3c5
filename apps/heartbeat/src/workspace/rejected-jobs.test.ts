import type { FailureKind, PlatformFailure } from "@x/platform-client";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { WorkspaceEvent } from "./events.ts";
import { RejectedJobs } from "./rejected-jobs.ts";

const failure = (kind: FailureKind): PlatformFailure => ({
  kind,
  code: "X",
  status: 401,
  message: "",
  retryAfterMs: 0,
  sent: "no",
});
const kind = fc.constantFrom<FailureKind>("unauthorized", "unavailable", "invalid", "aborted");
const event = kind.chain((each) =>
  fc.constantFrom<WorkspaceEvent>(
    { type: "job-failed", job: "any", failure: failure(each), count: 1 },
    { type: "message-failed", to: "any", failure: failure(each) },
    { type: "card-updated" },
  ),
);

it("a run with a rejected request counts as rejected, whatever else failed before or after it", () => {
  fc.assert(
    fc.property(fc.array(event), fc.array(event), (first, second) => {
      const jobs = new RejectedJobs();
      for (const events of [first, second]) {
        for (const each of events) jobs.observe(each);
        const failures = events.flatMap((each) => ("failure" in each ? [each.failure.kind] : []));
        const expected = failures.includes("unauthorized")
          ? "rejected"
          : failures.length
            ? "unknown"
            : "accepted";
        expect(jobs.take()).toBe(expected);
      }
    }),
  );
});
