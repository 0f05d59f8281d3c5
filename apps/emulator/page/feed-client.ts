import type { FeedMessage } from "../src/dashboard/messages.ts";

/** Whether the page follows the feed. */
export type Connection = "connecting" | "live" | "lost";

/**
 * Follows the feed, and reconnects by itself. A hidden page does not
 * listen: a browser has few connections for one server.
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
