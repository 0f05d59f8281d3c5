import { runSuites } from "../suites.ts";

/** For dedicated and service workers: a message carries the setting and a port for the outcome. */
addEventListener("message", async ({ data, ports: [port] }: MessageEvent) => {
  port?.postMessage(await runSuites(data));
});
