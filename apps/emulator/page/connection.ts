import { byId, only, setData, setText } from "./dom.ts";
import type { Connection } from "./feed-client.ts";
import { timeOfDay } from "./format.ts";

const texts: Readonly<Record<Connection, string>> = {
  connecting: "connecting",
  live: "live",
  lost: "no connection",
};

/** Shows whether the page is connected to the emulator; if not, that its data is stale. */
export class ConnectionLine {
  readonly #line = byId("connection", HTMLElement);
  readonly #banner = byId("connection-banner", HTMLElement);

  /** @param now the emulator's clock at the last message, in ms; 0 before the first */
  show(connection: Connection, now: number): void {
    setData(this.#line, "state", connection);
    setText(only(this.#line, "span", HTMLElement), texts[connection]);
    this.#banner.hidden = connection !== "lost";
    if (connection !== "lost") return;
    const since = now === 0 ? "" : ` This page shows the state at ${timeOfDay(now)}.`;
    setText(this.#banner, `The connection to the emulator was lost.${since} Reconnecting…`);
  }
}
