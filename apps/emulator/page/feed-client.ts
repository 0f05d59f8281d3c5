import type { FeedMessage } from "../src/dashboard/messages.ts";

/** Whether the page is connected to the feed. */
export type Connection = "connecting" | "live" | "lost";

/**
 * Connects to the feed, and reconnects automatically. A hidden page disconnects: browsers allow few connections per
 * server.
 */
export function followFeed(
  received: (message: FeedMessage) => void,
  changed: (connection: Connection) => void,
): void {
  let source: EventSource | null = null;

  const open = () => {
    source ??= new EventSource("/emulator/feed");
    source.onopen = () => changed("live");
    source.onerror = () => changed("lost");
    source.onmessage = ({ data }: MessageEvent<string>) => received(JSON.parse(data));
  };
  const close = () => {
    source?.close();
    source = null;
  };

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  if (!document.hidden) open();
}
