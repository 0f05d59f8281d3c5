import { type Outcome, rotate } from "./controls.ts";
import { byId, only, setText } from "./dom.ts";

/** Asks before a workspace is removed. Escape and Cancel leave it. */
export class RemoveDialog {
  readonly #dialog = byId("remove-dialog", HTMLDialogElement);
  #confirmed: () => void = () => {};

  constructor() {
    closeWithButton(this.#dialog);
    only(this.#dialog, "form", HTMLFormElement).addEventListener("submit", () => this.#confirmed());
  }

  open(id: string, confirmed: () => void): void {
    this.#confirmed = confirmed;
    setText(byId("remove-title", HTMLElement), `Remove ${id}?`);
    this.#dialog.showModal();
  }
}

/** Rotates a token whose file is not known: asks for it, or hands the token over for the clipboard. */
export class RotateDialog {
  readonly #dialog = byId("rotate-dialog", HTMLDialogElement);
  readonly #file = byId("rotate-file", HTMLInputElement);
  readonly #problem = byId("rotate-problem", HTMLElement);
  readonly #submit = byId("rotate-submit", HTMLButtonElement);
  readonly #shown = byId("rotate-token", HTMLElement);
  #id = "";
  /** Here only while the dialog is open. */
  #token: string | null = null;

  constructor() {
    closeWithButton(this.#dialog);
    only(this.#dialog, "form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void (this.#token === null ? this.#rotate() : this.#copy(this.#token));
    });
    this.#dialog.addEventListener("close", () => {
      this.#token = null;
    });
  }

  open(id: string): void {
    this.#id = id;
    this.#token = null;
    this.#file.value = "";
    setText(this.#problem, "");
    setText(this.#submit, "Rotate");
    setText(byId("rotate-title", HTMLElement), `Rotate the token of ${id}`);
    byId("rotate-ask", HTMLElement).hidden = false;
    this.#shown.hidden = true;
    this.#dialog.showModal();
    this.#file.focus();
  }

  async #rotate(): Promise<void> {
    const file = this.#file.value.trim();
    const outcome: Outcome = await rotate(this.#id, file === "" ? "answer" : { file });
    if (!outcome.ok) return setText(this.#problem, outcome.reason);
    if (outcome.token === null) return this.#dialog.close();
    this.#token = outcome.token;
    byId("rotate-ask", HTMLElement).hidden = true;
    this.#shown.hidden = false;
    const { token } = outcome;
    setText(
      this.#shown,
      `The new token is ${token.slice(0, 4)}… (${token.length} characters). It is not shown again.`,
    );
    setText(this.#submit, "Copy token");
    this.#submit.focus();
  }

  async #copy(token: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(token);
      setText(this.#submit, "Copied");
    } catch {
      setText(this.#shown, "The browser did not let this page copy. Rotate again, with a file.");
    }
  }
}

function closeWithButton(dialog: HTMLDialogElement): void {
  only(dialog, "[data-close]", HTMLButtonElement).addEventListener("click", () => dialog.close());
}
