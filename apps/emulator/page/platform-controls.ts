import type { OutageMessage, PlatformMessage } from "../src/dashboard/messages.ts";
import { latency, type Outcome, outage } from "./controls.ts";
import { byId, setText } from "./dom.ts";
import { duration } from "./format.ts";

/** How long the slider must rest before its value is sent. */
const SETTLED_MS = 150;

/** The controls of the platform as a whole, which also show its current state, whichever client set it. */
export class PlatformControls {
  readonly #kind = byId("outage-kind", HTMLSelectElement);
  readonly #button = byId("outage-button", HTMLButtonElement);
  readonly #banner = byId("outage-banner", HTMLElement);
  readonly #latency = byId("latency", HTMLInputElement);
  readonly #value = byId("latency-value", HTMLOutputElement);
  readonly #contract = byId("contract", HTMLElement);
  #isFailing = false;
  /** Set while the slider moves: the platform's value is outdated then. */
  #settling: ReturnType<typeof setTimeout> | undefined;

  constructor(report: (outcome: Outcome) => void) {
    byId("outage-form", HTMLFormElement).addEventListener("submit", async (event) => {
      event.preventDefault();
      report(await outage(this.#isFailing ? null : this.#kind.value));
    });
    this.#latency.addEventListener("input", () => {
      this.#showLatency(this.#latency.valueAsNumber);
      clearTimeout(this.#settling);
      this.#settling = setTimeout(async () => {
        report(await latency(this.#latency.valueAsNumber));
        this.#settling = undefined;
      }, SETTLED_MS);
    });
  }

  render(platform: PlatformMessage): void {
    setText(this.#contract, `contract ${platform.contract}`);
    this.#isFailing = platform.outage !== null;
    setText(this.#button, this.#isFailing ? "End" : "Start");
    this.#button.setAttribute("aria-label", this.#isFailing ? "End the outage" : "Start the outage");
    this.#kind.disabled = this.#isFailing;
    if (platform.outage) this.#showKind(platform.outage);
    this.#banner.hidden = !platform.outage;
    if (platform.outage) setText(this.#banner, `Outage: ${platform.outage.text}`);
    if (this.#settling !== undefined) return;
    this.#latency.value = String(platform.latencyMs);
    this.#showLatency(platform.latencyMs);
  }

  /** Shows the current outage, whichever client started it; a status that is not in the list is added. */
  #showKind({ kind, status }: OutageMessage): void {
    const value = String(status ?? kind);
    if (this.#kind.value === value) return;
    if (![...this.#kind.options].some((option) => option.value === value)) {
      this.#kind.add(new Option(`Answer ${value}`, value));
    }
    this.#kind.value = value;
  }

  #showLatency(ms: number): void {
    const text = ms === 0 ? "0 ms" : duration(ms);
    setText(this.#value, text);
    this.#latency.setAttribute("aria-valuetext", text);
  }
}
