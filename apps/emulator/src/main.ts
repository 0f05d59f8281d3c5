import { runCli } from "./cli.ts";
import { dropWhatIsNotRead, takeOverOutput } from "./output/index.ts";

const outputs = takeOverOutput();
dropWhatIsNotRead(outputs);
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
// The emulator keeps running if its terminal is closed.
process.on("SIGHUP", () => {});

const code = await runCli(process.argv.slice(2), {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  stop: stop.signal,
});
await outputs.exit(code);
