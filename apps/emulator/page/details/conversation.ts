import type { ConversationMessage } from "../../src/dashboard/messages.ts";
import { type Outcome, send } from "../controls.ts";
import { byId, only, setData, setText } from "../dom.ts";
import { timeOfDay } from "../format.ts";
import { textIn } from "../json.ts";
import { Refresher } from "./refresher.ts";

/** The conversation between a person and a workspace. */
export class Conversation {
  readonly #form = byId("message-form", HTMLFormElement);
  readonly #text = byId("message-text", HTMLInputElement);
  readonly #state = byId("message-state", HTMLElement);
  readonly #list = byId("messages", HTMLOListElement);
  readonly #refresher = new Refresher("messages", (list) => this.#show(list as ConversationMessage[]));
  #id: string | null = null;
  #shown = "";

  constructor() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send(this.#text.value);
    });
  }

  /** Shows another workspace's conversation. */
  open(id: string | null): void {
    this.#id = id;
    this.#shown = "";
    this.#text.value = "";
    this.#list.replaceChildren();
    this.#say("quiet", "");
    this.#refresher.open(id);
  }

  changed(): void {
    this.#refresher.changed();
  }

  setEnabled(isEnabled: boolean): void {
    this.#form.hidden = !isEnabled;
  }

  async #send(text: string): Promise<void> {
    const id = this.#id;
    if (id === null || text.trim() === "") return;
    const button = only(this.#form, "button", HTMLButtonElement);
    button.disabled = true;
    const outcome = await send(id, text);
    button.disabled = false;
    if (id !== this.#id) return;
    this.#say(...answerText(outcome));
    if (outcome.ok) this.#text.value = "";
    this.#refresher.changed();
  }

  #show(messages: readonly ConversationMessage[]): void {
    const key = messages.map(({ id }) => id).join();
    if (key === this.#shown) return;
    this.#shown = key;
    this.#list.replaceChildren(...messages.map((message) => itemOf(message, this.#id)));
    this.#list.scrollTop = this.#list.scrollHeight;
    // The last message is the workspace's: the awaited answer has arrived.
    if (messages.at(-1)?.from === this.#id) this.#say("quiet", "");
  }

  #say(tone: string, text: string): void {
    setData(this.#state, "tone", tone);
    setText(this.#state, text);
  }
}

function itemOf({ from, at, text }: ConversationMessage, id: string | null): HTMLLIElement {
  const item = document.createElement("li");
  item.dataset.from = from === id ? "workspace" : "other";
  const who = document.createElement("b");
  who.textContent = from === id ? "answer" : from === null ? "you" : from.slice(0, 8);
  const time = document.createElement("time");
  time.dateTime = at;
  time.textContent = timeOfDay(Date.parse(at));
  const said = document.createElement("span");
  said.textContent = text === "" ? "(no text)" : text;
  item.append(time, who, said);
  return item;
}

/** Describes a message's delivery. */
function answerText(outcome: Outcome): [tone: string, text: string] {
  if (!outcome.ok) return ["bad", outcome.reason];
  const { answer } = outcome;
  const status: unknown =
    typeof answer === "object" && answer !== null ? Reflect.get(answer, "status") : null;
  const body: unknown = typeof answer === "object" && answer !== null ? Reflect.get(answer, "answer") : null;
  if (status !== 200)
    return ["bad", `The platform answered ${status}: ${textIn(body, "error") ?? "no reason given"}`];
  if (textIn(body, "status") === "queued")
    return ["quiet", "Queued. It is answered once the workspace fetches it."];
  return ["good", "Delivered. The emulator calls no agent, so there is no text in the answer."];
}
