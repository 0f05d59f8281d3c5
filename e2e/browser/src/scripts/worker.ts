import { createBrowserAuth, indexedDbTokenStorage } from "@x/auth-browser";

/** A dedicated worker that reports the token it finds and saves the one it is sent. */
addEventListener("message", async ({ data, ports: [port] }: MessageEvent<{ save?: string }>) => {
  const auth = createBrowserAuth({ storage: indexedDbTokenStorage() });
  if (data.save !== undefined) await auth.saveToken(data.save);
  port?.postMessage(await auth.getToken());
});
