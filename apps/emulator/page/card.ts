import type { CardMessage } from "../src/dashboard/messages.ts";
import { byId, only, setData, setText, slot } from "./dom.ts";
import { ago, count, duration, percent } from "./format.ts";
import { sparkline } from "./sparkline.ts";

/** One workspace on the page. */
export class CardView {
  readonly element: HTMLLIElement;
  readonly #slots: Readonly<Record<Slot, HTMLElement>>;
  readonly #pulse: HTMLElement;
  #card: CardMessage | null = null;

  constructor(id: string) {
    const template = byId("card-template", HTMLTemplateElement);
    this.element = only(document.importNode(template.content, true), "li", HTMLLIElement);
    this.#pulse = only(this.element, ".pulse", HTMLElement);
    this.#slots = slotsOf(this.element);
    this.element.dataset.id = id;
    setText(this.#slots.id, id);
    this.#slots.id.title = id;
    for (const button of this.element.querySelectorAll("button")) {
      button.setAttribute("aria-label", `${button.textContent} ${id}`);
    }
  }

  /** Shows the workspace as it is at `now`. Only ages change where it is the same card as before. */
  update(card: CardMessage, now: number): void {
    const before = this.#card;
    const { heartbeat, note } = this.#slots;
    setText(
      heartbeat,
      card.lastHeartbeatAt === null ? "no heartbeat yet" : `heartbeat ${ago(now - card.lastHeartbeatAt)}`,
    );
    const { tone, text } = noteOf(card, now);
    setData(note, "tone", tone);
    setText(note, text);
    if (card === before) return;
    this.#card = card;
    note.title = text;
    this.#facts(card);
    if (before?.samples.at(-1) !== card.samples.at(-1)) this.#draw(card);
    // Two names for one animation, so that each heartbeat starts it anew.
    if (before && card.heartbeats !== before.heartbeats)
      setData(this.#pulse, "heartbeat", card.heartbeats % 2 ? "odd" : "even");
  }

  /** Takes the focus, for when the button that had it is gone. */
  focus(): void {
    this.#slots.id.focus();
  }

  #facts(card: CardMessage): void {
    const { status, name, task, errors, tasks, heartbeats, token } = this.#slots;
    setData(this.element, "status", card.status);
    setData(this.element, "unauthorized", String(card.rejections > 0));
    setText(status, card.status);
    setText(name, card.name === card.id ? "" : card.name);
    setText(task, card.currentTask || "idle");
    task.title = card.currentTask;
    setData(task, "idle", String(card.currentTask === ""));
    setText(errors, percent(card.errorRate));
    setData(errors, "tone", card.errorRate >= 0.5 ? "bad" : card.errorRate >= 0.1 ? "warn" : "quiet");
    setText(tasks, count(card.activeTasks));
    setText(heartbeats, count(card.heartbeats));
    const others = card.liveTokens > 1 ? ` +${card.liveTokens - 1}` : "";
    setText(token, card.tokenPrefix === null ? "none" : `${card.tokenPrefix}…${others}`);
    only(this.element, ".actions", HTMLElement).hidden = card.status === "removed";
  }

  #draw({ samples }: CardMessage): void {
    const { line, area, marks, label } = sparkline(samples);
    const svg = only(this.element, "svg", SVGSVGElement);
    svg.setAttribute("aria-label", label);
    for (const [name, path] of Object.entries({ line, area, marks })) {
      only(svg, `.${name}`, SVGPathElement).setAttribute("d", path);
    }
    const latest = samples.at(-1);
    setText(this.#slots.latency, latest ? duration(latest[0]) : "–");
  }
}

const slots = [
  "id",
  "status",
  "name",
  "heartbeat",
  "latency",
  "task",
  "errors",
  "tasks",
  "heartbeats",
  "token",
  "note",
] as const;
type Slot = (typeof slots)[number];

function slotsOf(root: ParentNode): Record<Slot, HTMLElement> {
  return Object.fromEntries(slots.map((name) => [name, slot(root, name)])) as Record<Slot, HTMLElement>;
}

/** The one thing most worth saying. */
function noteOf(card: CardMessage, now: number): { tone: string; text: string } {
  const { rejections, recovery, wedged, errorRate, sampleError } = card;
  if (card.status === "removed") return { tone: "quiet", text: "removed for good" };
  if (rejections > 0) return { tone: "bad", text: `401 × ${rejections}: its token is rejected` };
  if (wedged) return { tone: "warn", text: "its runtime is wedged" };
  if (errorRate > 0 && sampleError !== "") return { tone: "warn", text: sampleError };
  if (card.liveTokens === 0) return { tone: "warn", text: "no live token: it is let in as it is" };
  if (!recovery) return { tone: "quiet", text: "" };
  return { tone: "good", text: `recovered after 401 × ${recovery.rejections}, ${ago(now - recovery.at)}` };
}
