import type { CardMessage } from "../../src/dashboard/messages.ts";
import { endingText } from "../../src/dashboard/words.ts";
import { byId, only, setData, setText, slot } from "../dom.ts";
import { ago, count, duration, percent, statusText, tokenText } from "../format.ts";
import { conditionOf } from "../table/condition.ts";
import { labelOf } from "../table/row.ts";
import { shapeElement } from "../table/shapes.ts";
import { Conversation } from "./conversation.ts";
import { Requests } from "./requests.ts";

/** The actions of the details. */
export type DetailsAction = "close" | "rotate" | "revoke" | "remove" | "events";

const actions: readonly DetailsAction[] = ["close", "rotate", "revoke", "remove", "events"];

/** One workspace in detail, next to the table. */
export class Details {
  readonly #panel = byId("details", HTMLElement);
  readonly #title = byId("details-title", HTMLElement);
  readonly #buttons = byId("details-actions", HTMLElement);
  readonly #shape = shapeElement();
  readonly #requests = new Requests();
  readonly #conversation = new Conversation();
  #card: CardMessage | null = null;
  #id: string | null = null;

  constructor(act: (action: DetailsAction, id: string) => void) {
    slot(this.#panel, "condition").before(this.#shape.svg);
    this.#panel.addEventListener("click", ({ target }) => {
      const button = target instanceof Element ? target.closest<HTMLElement>("button[data-do]") : null;
      const action = actions.find((each) => each === button?.dataset.do);
      if (action && this.#id !== null) act(action, this.#id);
    });
    this.#panel.addEventListener("keydown", ({ key }) => {
      if (key === "Escape" && this.#id !== null) act("close", this.#id);
    });
  }

  /** Opens the details of a workspace; null closes them. */
  open(id: string | null): void {
    if (id === this.#id) return;
    this.#id = id;
    this.#card = null;
    this.#panel.hidden = id === null;
    this.#panel.scrollTop = 0;
    this.#requests.open(id);
    this.#conversation.open(id);
  }

  /** Whether the timeline shows only its events. */
  showEvents(isOnly: boolean): void {
    only(this.#buttons, '[data-do="events"]', HTMLButtonElement).ariaPressed = String(isOnly);
  }

  /** Scrolls the details into view if they are below the table. */
  reveal(): void {
    if (matchMedia("(min-width: 68rem)").matches) return;
    this.#panel.scrollIntoView();
    this.#title.focus({ preventScroll: true });
  }

  /** Takes the focus when the focused button disappears. */
  focus(): void {
    this.#title.focus();
  }

  /** Shows the workspace as of `now`; undefined if the id is unknown. */
  render(card: CardMessage | undefined, now: number): void {
    if (this.#id === null) return;
    if (!card) {
      this.#showUnknown(this.#id);
      return;
    }
    this.#set("heartbeat", card.lastHeartbeatAt === null ? "none yet" : ago(now - card.lastHeartbeatAt));
    const { tone, text } = noteOf(card, now);
    const note = slot(this.#panel, "note");
    setData(note, "tone", tone);
    setText(note, text);
    if (card === this.#card) return;
    this.#card = card;
    this.#facts(card);
    this.#requests.changed();
    this.#conversation.changed();
  }

  #facts(card: CardMessage): void {
    const condition = conditionOf(card);
    setText(this.#title, labelOf(card));
    setData(this.#panel, "tone", condition.tone);
    this.#shape.show(condition.shape);
    this.#set("condition", condition.text);
    this.#set("id", card.id);
    this.#set("status", statusText(card.status));
    this.#set("heartbeats", count(card.heartbeats));
    this.#set("latency", card.latencyMs === null ? "–" : duration(card.latencyMs));
    this.#set("failures", `${card.failures} of the last ${card.requests}`);
    this.#set("errors", percent(card.errorRate));
    this.#set("task", card.currentTask || "idle");
    this.#set("tasks", count(card.activeTasks));
    this.#set("token", tokenText(card));
    this.#set("delivery", card.polls ? "polls" : "push");
    this.#buttons.hidden = card.status === "removed";
    this.#conversation.setEnabled(card.status !== "removed");
  }

  #showUnknown(id: string): void {
    setText(this.#title, id.slice(0, 8));
    setData(this.#panel, "tone", "quiet");
    this.#shape.show("dash");
    this.#set("condition", "unknown");
    this.#set("id", id);
    setText(
      slot(this.#panel, "note"),
      "No workspace has this id: the platform was reset, or it never registered.",
    );
    this.#buttons.hidden = true;
    this.#conversation.setEnabled(false);
  }

  #set(name: string, text: string): void {
    setText(slot(this.#panel, name), text);
  }
}

/** The most important fact. */
function noteOf(card: CardMessage, now: number): { tone: string; text: string } {
  const { rejections, failing, recovery, wedged, errorRate, sampleError } = card;
  if (card.status === "removed") return { tone: "quiet", text: "Removed for good." };
  if (rejections > 0) return { tone: "bad", text: `401 × ${rejections}: its token is rejected` };
  if (failing) return { tone: "bad", text: `${endingText(failing)}${times(failing.times)}` };
  if (wedged) return { tone: "warn", text: "its runtime is wedged" };
  if (errorRate > 0 && sampleError !== "") return { tone: "warn", text: sampleError };
  if (card.liveTokens === 0)
    return { tone: "warn", text: "no live token: its heartbeats are accepted unsigned" };
  if (!recovery) return { tone: "quiet", text: "" };
  return { tone: "good", text: `recovered after 401 × ${recovery.rejections}, ${ago(now - recovery.at)}` };
}

const times = (count: number) => (count === 1 ? "" : `, ${count} times in a row`);
