import type { Outcome } from "./controls.ts";
import { byId, only, setText, slot } from "./dom.ts";

/** The dialog's text before a token is issued, the request, and the text afterwards. */
interface TokenRequest {
  readonly title: string;
  readonly explanation: string;
  readonly submit: string;
  act(): Promise<Outcome>;
  issued(issued: { readonly token: string; readonly answer: unknown }): {
    readonly explanation: string;
    readonly copy: string;
    /** For the clipboard. */
    readonly text: string;
  };
}

/** Issues a token, and shows it once, with a copy button. */
export class TokenDialog {
  readonly #dialog: HTMLDialogElement;
  readonly #explanation: HTMLElement;
  readonly #problem: HTMLElement;
  readonly #submit: HTMLElement;
  readonly #token: HTMLTextAreaElement;
  #request: TokenRequest | null = null;
  /** Set only while the dialog is open. */
  #fresh: string | null = null;

  constructor(id: "rotate-dialog" | "add-dialog") {
    this.#dialog = byId(id, HTMLDialogElement);
    this.#explanation = slot(this.#dialog, "explanation");
    this.#problem = slot(this.#dialog, "problem");
    this.#submit = slot(this.#dialog, "submit");
    this.#token = only(this.#dialog, "textarea", HTMLTextAreaElement);
    only(this.#dialog, "[data-close]", HTMLButtonElement).addEventListener("click", () =>
      this.#dialog.close(),
    );
    only(this.#dialog, "form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void (this.#fresh === null ? this.#act() : this.#copy(this.#fresh));
    });
    this.#dialog.addEventListener("close", () => this.#forget());
  }

  open(request: TokenRequest): void {
    this.#forget();
    this.#request = request;
    setText(only(this.#dialog, "h2", HTMLElement), request.title);
    setText(this.#explanation, request.explanation);
    setText(this.#problem, "");
    setText(this.#submit, request.submit);
    this.#dialog.showModal();
    this.#submit.focus();
  }

  #forget(): void {
    this.#fresh = null;
    this.#request = null;
    this.#token.value = "";
    this.#token.hidden = true;
  }

  async #act(): Promise<void> {
    const request = this.#request;
    if (!request) return;
    const outcome = await request.act();
    if (!outcome.ok) return setText(this.#problem, outcome.reason);
    // Closed meanwhile: the token is lost, like any unread answer.
    if (!this.#dialog.open || request !== this.#request || outcome.token === null) return;
    const { explanation, copy, text } = request.issued({ token: outcome.token, answer: outcome.answer });
    this.#fresh = text;
    setText(this.#problem, "");
    setText(this.#explanation, explanation);
    setText(this.#submit, copy);
    this.#submit.focus();
  }

  async #copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setText(this.#submit, "Copied");
    } catch {
      setText(this.#explanation, "The browser did not let this page copy. Copy it from here:");
      this.#token.value = text;
      this.#token.hidden = false;
      this.#token.select();
    }
  }
}
