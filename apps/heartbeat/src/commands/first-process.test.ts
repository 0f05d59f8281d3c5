import { expect, it, onTestFinished, vi } from "vitest";
import { endAtSignals } from "./first-process.ts";

it("ends the process at a signal before and after a command listens for it, not meanwhile", async () => {
  const signals = ["SIGINT", "SIGTERM"] as const;
  const before = signals.map((signal) => process.listeners(signal));
  for (const signal of signals) process.removeAllListeners(signal);
  const exit = vi.spyOn(process, "exit").mockReturnValue(undefined as never);
  vi.spyOn(process, "getActiveResourcesInfo").mockReturnValue([]);
  onTestFinished(() => {
    vi.restoreAllMocks();
    signals.forEach((signal, index) => {
      process.removeAllListeners(signal);
      for (const listener of before[index] ?? []) process.on(signal, listener);
    });
  });
  const command = vi.fn();
  endAtSignals();
  process.emit("SIGTERM");
  await vi.waitFor(() => expect(exit).toHaveBeenLastCalledWith(143));
  process.on("SIGINT", command);
  process.emit("SIGINT");
  expect(command).toHaveBeenCalledTimes(1);
  process.off("SIGINT", command);
  process.emit("SIGINT");
  await vi.waitFor(() => expect(exit).toHaveBeenLastCalledWith(130));
  expect(exit).toHaveBeenCalledTimes(2);
});
