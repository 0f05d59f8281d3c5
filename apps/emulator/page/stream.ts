import type { FeedMessage } from "../src/dashboard/messages.ts";

/** Whether the page is being told. */
export type Connection = "connecting" | "live" | "lost";

/**
 * Listens to the emulator, and comes back by itself when it was away. A page that nobody sees does not
 * listen: a browser has few connections for one server.
 */
export function listen(
  heard: (message: FeedMessage) => void,
  changed: (connection: Connection) => void,
): void {
  let source: EventSource | null = null;

  const open = () => {
    source ??= new EventSource("/emulator/feed");
    source.onopen = () => changed("live");
    source.onerror = () => changed("lost");
    source.onmessage = ({ data }: MessageEvent<string>) => heard(JSON.parse(data));
  };
  const close = () => {
    source?.close();
    source = null;
  };

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  if (!document.hidden) open();
}
