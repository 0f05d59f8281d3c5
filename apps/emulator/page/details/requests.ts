import { endingText, isFailure, requestText } from "../../src/dashboard/words.ts";
import type { RecordedRequest } from "../../src/recorded-request.ts";
import { byId, only, setData, setText, slot } from "../dom.ts";
import { duration, timeOfDay } from "../format.ts";
import { Refresher } from "./refresher.ts";

/** A request in the emulator's format. */
type Listed = RecordedRequest & { readonly seq: number };

/** A workspace's last requests, newest first. Each expands to its headers and bodies. */
export class Requests {
  readonly #list = byId("requests", HTMLUListElement);
  readonly #none = byId("requests-none", HTMLElement);
  readonly #views = new Map<number, { item: HTMLLIElement; outcome: string }>();
  readonly #refresher = new Refresher("requests", (list) => this.#show(list as Listed[]));

  /** Shows another workspace's requests. */
  open(id: string | null): void {
    this.#views.clear();
    this.#list.replaceChildren();
    this.#none.hidden = true;
    this.#refresher.open(id);
  }

  changed(): void {
    this.#refresher.changed();
  }

  #show(requests: readonly Listed[]): void {
    this.#none.hidden = requests.length > 0;
    const wanted = new Set(requests.map(({ seq }) => seq));
    for (const [seq, { item }] of this.#views) {
      if (wanted.has(seq)) continue;
      item.remove();
      this.#views.delete(seq);
    }
    for (const request of requests) {
      const known = this.#views.get(request.seq);
      if (known?.outcome === request.outcome) continue;
      const item = itemOf(request);
      if (known) {
        only(item, "details", HTMLDetailsElement).open = only(known.item, "details", HTMLDetailsElement).open;
        known.item.replaceWith(item);
      } else this.#list.prepend(item);
      this.#views.set(request.seq, { item, outcome: request.outcome });
    }
  }
}

function itemOf(request: Listed): HTMLLIElement {
  const template = byId("request-template", HTMLTemplateElement);
  const item = only(document.importNode(template.content, true), "li", HTMLLIElement);
  const set = (name: string, text: string) => setText(slot(item, name), text);
  setData(item, "tone", isFailure(request) ? "bad" : request.outcome === "waiting" ? "warn" : "quiet");
  set("time", timeOfDay(request.at));
  set("what", requestText(request));
  slot(item, "what").title = `${request.method} ${request.path}`;
  set("status", request.status === null ? shortText(request) : String(request.status));
  set("latency", request.latencyMs === null ? "" : duration(request.latencyMs));
  const details = only(item, "details", HTMLDetailsElement);
  details.addEventListener("toggle", () => fill(item, request), { once: true });
  return item;
}

/** Rendered on first expansion: most are never opened. */
function fill(item: HTMLLIElement, request: Listed): void {
  setText(slot(item, "ending"), endingText(request));
  setText(slot(item, "headers"), headersText(request));
  showBody(item, "body", request.body);
  showBody(item, "answer", request.answer);
}

function headersText({ headers }: Listed): string {
  const lines = Object.entries(headers).map(([name, value]) => {
    if (typeof value !== "object") return `${name}: ${value}`;
    return `${name}: ${value.scheme} [redacted] (SHA-256 ${value.sha256.slice(0, 12)}…)`;
  });
  return lines.join("\n") || "none";
}

function showBody(item: HTMLLIElement, name: string, body: unknown): void {
  const text = body === undefined ? "none" : typeof body === "string" ? body : JSON.stringify(body, null, 2);
  setText(slot(item, name), text);
}

function shortText({ outcome }: Listed): string {
  return { waiting: "waiting", answered: "", reset: "cut", lost: "lost", abandoned: "given up" }[outcome];
}
