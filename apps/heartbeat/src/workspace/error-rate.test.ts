import { expect, it } from "vitest";
import { ErrorRate } from "./error-rate.ts";

it("counts the failures of the last 60 s, and drops older ones", () => {
  let now = 0;
  const activity = new ErrorRate({ monotonic: () => now });
  expect(Object.values(activity.now())).toEqual([0, ""]);
  activity.record(false, "503");
  now = 30_000;
  activity.record(false, "ECONNREFUSED");
  activity.record(true);
  activity.record(true);
  expect(Object.values(activity.now())).toEqual([0.5, "ECONNREFUSED"]);
  now = 60_000;
  expect(activity.now().rate).toBeCloseTo(1 / 3);
  now = 90_000;
  expect(Object.values(activity.now())).toEqual([0, ""]);
  activity.record(true);
  expect(Object.values(activity.now())).toEqual([0, ""]);
  now = 91_000;
  activity.record(false, "401");
  expect(Object.values(activity.now())).toEqual([0.5, "401"]);
});

it("groups events within a second, and keeps the last failure's reason", () => {
  let now = 0;
  const activity = new ErrorRate({ monotonic: () => now });
  activity.record(true);
  now = 400;
  activity.record(false, "503");
  now = 800;
  activity.record(false, "ECONNRESET");
  now = 999;
  activity.record(true);
  now = 1_000;
  activity.record(true);
  expect(Object.values(activity.now())).toEqual([0.4, "ECONNRESET"]);
  now = 60_000;
  expect(Object.values(activity.now())).toEqual([0, ""]);
});
