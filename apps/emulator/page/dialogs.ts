import { rotate } from "./controls.ts";
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

/** Rotates a token, and hands the new one over for the clipboard, once. */
export class RotateDialog {
  readonly #dialog = byId("rotate-dialog", HTMLDialogElement);
  readonly #explanation = byId("rotate-explanation", HTMLElement);
  readonly #problem = byId("rotate-problem", HTMLElement);
  readonly #submit = byId("rotate-submit", HTMLButtonElement);
  readonly #token = byId("rotate-token", HTMLInputElement);
  #id = "";
  /** Here only while the dialog is open. */
  #fresh: string | null = null;

  constructor() {
    closeWithButton(this.#dialog);
    only(this.#dialog, "form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void (this.#fresh === null ? this.#rotate() : this.#copy(this.#fresh));
    });
    this.#dialog.addEventListener("close", () => this.#forget());
  }

  open(id: string): void {
    this.#id = id;
    this.#forget();
    setText(byId("rotate-title", HTMLElement), `Rotate the token of ${id}`);
    setText(
      this.#explanation,
      "Its live tokens are revoked and a new one is issued, which is shown here once: its agent gets 401s until it has the new one.",
    );
    setText(this.#problem, "");
    setText(this.#submit, "Rotate");
    this.#dialog.showModal();
    this.#submit.focus();
  }

  #forget(): void {
    this.#fresh = null;
    this.#token.value = "";
    this.#token.hidden = true;
  }

  async #rotate(): Promise<void> {
    const outcome = await rotate(this.#id);
    if (!outcome.ok) return setText(this.#problem, outcome.reason);
    // Closed meanwhile: the token is lost, as with any answer that was not read.
    if (!this.#dialog.open || outcome.token === null) return;
    const { token } = outcome;
    this.#fresh = token;
    setText(
      this.#explanation,
      `The new token is ${token.slice(0, 4)}… (${token.length} characters). It is not shown again.`,
    );
    setText(this.#submit, "Copy token");
  }

  async #copy(token: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(token);
      setText(this.#submit, "Copied");
    } catch {
      setText(this.#explanation, "The browser did not let this page copy. Copy the token from here:");
      this.#token.value = token;
      this.#token.hidden = false;
      this.#token.select();
    }
  }
}

function closeWithButton(dialog: HTMLDialogElement): void {
  only(dialog, "[data-close]", HTMLButtonElement).addEventListener("click", () => dialog.close());
}
