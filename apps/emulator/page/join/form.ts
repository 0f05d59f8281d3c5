import { isAuthError, validateWorkspaceId } from "@x/auth-core";
import { byId, only, setText } from "../dom.ts";
import { type Choice, freshId, isKeep } from "./choice.ts";

/** Asks as what this tab is to join. */
export class JoinForm {
  readonly #form = byId("join-form", HTMLFormElement);
  readonly #id = byId("join-id", HTMLInputElement);
  readonly #problem = byId("join-problem", HTMLElement);
  readonly #interval = byId("join-interval", HTMLSelectElement);

  constructor(chosen: (choice: Choice) => void) {
    this.#id.value = freshId();
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const choice = this.#read();
      if (choice) chosen(choice);
    });
  }

  /** Shows what was chosen, for when it is left again. */
  fill({ id, keep, intervalMs }: Choice): void {
    this.#id.value = id;
    this.#interval.value = String(intervalMs);
    only(this.#form, `[name="join-keep"][value="${keep}"]`, HTMLInputElement).checked = true;
  }

  set hidden(hidden: boolean) {
    this.#form.hidden = hidden;
  }

  focus(): void {
    only(this.#form, "[type=submit]", HTMLButtonElement).focus();
  }

  #read(): Choice | null {
    const keep = new FormData(this.#form).get("join-keep");
    if (!isKeep(keep)) return null;
    try {
      const id = validateWorkspaceId(this.#id.value);
      this.#tell("");
      return { id, keep, intervalMs: Number(this.#interval.value) };
    } catch (error) {
      if (!isAuthError(error)) throw error;
      this.#tell(error.message);
      this.#id.focus();
      return null;
    }
  }

  #tell(problem: string): void {
    setText(this.#problem, problem);
    this.#id.setAttribute("aria-invalid", String(problem !== ""));
  }
}
