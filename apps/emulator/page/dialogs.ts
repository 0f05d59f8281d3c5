import { add, type Outcome, reset, rotate } from "./controls.ts";
import { byId, only, setText } from "./dom.ts";
import { textIn } from "./json.ts";
import { TokenDialog } from "./token-dialog.ts";

/** Asks for confirmation before an irreversible action. Escape and Cancel abort. */
export class ConfirmDialog {
  readonly #dialog: HTMLDialogElement;
  #confirmed: () => void = () => {};

  constructor(id: "remove-dialog" | "reset-dialog") {
    this.#dialog = byId(id, HTMLDialogElement);
    only(this.#dialog, "[data-close]", HTMLButtonElement).addEventListener("click", () =>
      this.#dialog.close(),
    );
    only(this.#dialog, "form", HTMLFormElement).addEventListener("submit", () => this.#confirmed());
  }

  open(title: string, confirmed: () => void): void {
    this.#confirmed = confirmed;
    setText(only(this.#dialog, "h2", HTMLElement), title);
    this.#dialog.showModal();
  }
}

/** Resets the platform after a confirmation. */
export function offerToReset(report: (outcome: Outcome) => void): void {
  const dialog = new ConfirmDialog("reset-dialog");
  byId("reset-button", HTMLButtonElement).addEventListener("click", () =>
    dialog.open("Reset the platform?", async () => report(await reset())),
  );
}

/** Rotates a token, and shows the new one once, with a copy button. */
export function rotateDialog(): (workspace: { readonly id: string; readonly name: string }) => void {
  const dialog = new TokenDialog("rotate-dialog");
  return ({ id, name }) =>
    dialog.open({
      title: `Rotate the token of ${name}`,
      explanation:
        "Its live tokens are revoked and a new one is issued, which is shown here once: its agent gets 401s until it has the new one.",
      submit: "Rotate",
      act: () => rotate(id),
      issued: ({ token }) => ({
        explanation: `The new token is ${token.slice(0, 4)}… (${token.length} characters). It is not shown again.`,
        copy: "Copy token",
        text: token,
      }),
    });
}

/** Adds a workspace, and shows its agent's settings once. `opened` receives its id. */
export function offerToAdd(opened: (id: string) => void): void {
  const dialog = new TokenDialog("add-dialog");
  const name = byId("add-name", HTMLInputElement);
  byId("add-button", HTMLButtonElement).addEventListener("click", () => {
    name.value = "";
    byId("add-field", HTMLElement).hidden = false;
    dialog.open({
      title: "Add a workspace",
      explanation: "It awaits its agent, which polls for messages. Its token is shown here once.",
      submit: "Add",
      act: () => add(name.value.trim()),
      issued: ({ token, answer }) => {
        byId("add-field", HTMLElement).hidden = true;
        const id = textIn(answer, "id") ?? "";
        opened(id);
        return {
          explanation: `${name.value.trim()} was added, with the token ${token.slice(0, 4)}… (${token.length} characters), which is not shown again. Copy what its agent needs: PLATFORM_URL, WORKSPACE_ID and MOLECULE_WORKSPACE_TOKEN.`,
          copy: "Copy settings",
          text: `PLATFORM_URL=${location.origin}\nWORKSPACE_ID=${id}\nMOLECULE_WORKSPACE_TOKEN=${token}\n`,
        };
      },
    });
    name.focus();
  });
}
