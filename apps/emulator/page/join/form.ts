import { parseUuid } from "../../src/uuid.ts";
import { byId, only, setText } from "../dom.ts";
import { freshId, isStorageKind, type JoinSettings } from "./settings.ts";

/** The form for joining as a workspace. */
export class JoinForm {
  readonly #form = byId("join-form", HTMLFormElement);
  readonly #id = byId("join-id", HTMLInputElement);
  readonly #problem = byId("join-problem", HTMLElement);
  readonly #interval = byId("join-interval", HTMLSelectElement);

  constructor(submitted: (settings: JoinSettings) => void) {
    this.#id.value = freshId();
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const settings = this.#read();
      if (settings) submitted(settings);
    });
  }

  /** Restores the submitted values, for after leaving. */
  fill({ id, storageKind, intervalMs }: JoinSettings): void {
    this.#id.value = id;
    this.#interval.value = String(intervalMs);
    only(this.#form, `[name="join-storage"][value="${storageKind}"]`, HTMLInputElement).checked = true;
  }

  set hidden(hidden: boolean) {
    this.#form.hidden = hidden;
  }

  focus(): void {
    only(this.#form, "[type=submit]", HTMLButtonElement).focus();
  }

  #read(): JoinSettings | null {
    const storageKind = new FormData(this.#form).get("join-storage");
    if (!isStorageKind(storageKind)) return null;
    const id = parseUuid(this.#id.value.trim());
    this.#showProblem(id === null ? "The platform accepts only UUIDs as workspace ids." : "");
    if (id === null) {
      this.#id.focus();
      return null;
    }
    return { id, storageKind, intervalMs: Number(this.#interval.value) };
  }

  #showProblem(problem: string): void {
    setText(this.#problem, problem);
    this.#id.setAttribute("aria-invalid", String(problem !== ""));
  }
}
