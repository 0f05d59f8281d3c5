import { createBrowserAuth, indexedDbTokenStorage } from "@x/auth-browser";
import { createAuthFetch } from "@x/auth-core";

/** A service worker that holds the token and signs its pages' platform requests; the pages never see the token. */
interface Worker {
  clients: { claim(): Promise<void> };
  addEventListener(
    type: "activate",
    listener: (event: { waitUntil(work: Promise<void>): void }) => void,
  ): void;
  addEventListener(
    type: "fetch",
    listener: (event: { request: Request; respondWith(response: Promise<Response>): void }) => void,
  ): void;
}
declare const self: Worker & { location: { origin: string } };

const auth = createBrowserAuth({ storage: indexedDbTokenStorage(), platformUrl: self.location.origin });
auth.watch();
const platform = createAuthFetch(auth);

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (new URL(event.request.url).pathname.startsWith("/registry/"))
    event.respondWith(platform(event.request));
});
