import { endAtSignals } from "./commands/first-process.ts";
import { version } from "./version.ts";

const [flag, ...others] = process.argv.slice(2);
if ((flag === "--version" || flag === "-V") && others.length === 0) {
  // Needs nothing that would have to be loaded first.
  console.log(version);
} else {
  if (process.pid === 1) endAtSignals();
  // As `untilSignal` does later: a SIGHUP may ask for a reload while this loads. With a command, SIGHUP ends both.
  if (flag === "run" && !others.includes("--")) process.on("SIGHUP", () => {});
  const { main } = await import("./cli.ts");
  await main(process.argv);
}
