import { startWorkspace } from "@x/heartbeat";

/** An agent that changes its working directory, and blocks its event loop for the milliseconds given by a line on standard input. */
const workspace = startWorkspace({
  thread: true,
  intervalMs: 5_000,
  wedgedAfterMs: 1_000,
  onLog: ({ code }) => console.log(code),
});
process.chdir("/");
await workspace.ready;
console.log("ready");
process.stdin.setEncoding("utf8");
process.stdin.on("data", (line) => {
  const until = performance.now() + Number(line);
  while (performance.now() < until);
  console.log("turning again");
});
process.stdin.on("end", () => void workspace.stop().then(() => console.log("stopped")));
