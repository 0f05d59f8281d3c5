import { runSuites } from "../suites.ts";

/** In a dedicated worker and in a service worker alike: a message brings the setting and a port for the outcome. */
addEventListener("message", async ({ data, ports: [port] }: MessageEvent) => {
  port?.postMessage(await runSuites(data));
});
