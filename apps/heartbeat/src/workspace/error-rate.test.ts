import { expect, it } from "vitest";
import { ErrorRate } from "./error-rate.ts";

it("counts what went wrong over the last 60 s, and forgets what is older", () => {
  let now = 0;
  const activity = new ErrorRate(() => now);
  expect([activity.rate(), activity.sampleError()]).toEqual([0, ""]);
  activity.record(false, "503");
  now = 30_000;
  activity.record(false, "ECONNREFUSED");
  activity.record(true);
  activity.record(true);
  expect([activity.rate(), activity.sampleError()]).toEqual([0.5, "ECONNREFUSED"]);
  now = 60_000;
  expect(activity.rate()).toBeCloseTo(1 / 3);
  now = 90_000;
  expect([activity.rate(), activity.sampleError()]).toEqual([0, ""]);
});

it("takes what happens within a second together, and knows the last failure's reason", () => {
  let now = 0;
  const activity = new ErrorRate(() => now);
  activity.record(true);
  now = 400;
  activity.record(false, "503");
  now = 800;
  activity.record(false, "ECONNRESET");
  now = 999;
  activity.record(true);
  now = 1_000;
  activity.record(true);
  expect([activity.rate(), activity.sampleError()]).toEqual([0.4, "ECONNRESET"]);
  now = 60_000;
  expect([activity.rate(), activity.sampleError()]).toEqual([0, ""]);
});
