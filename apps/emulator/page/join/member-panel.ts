import { checkToken, isAuthError } from "@x/auth-core";
import { byId, setData, setText } from "../dom.ts";
import { ago } from "../words.ts";
import type { Choice, Keep } from "./choice.ts";
import type { Holding } from "./membership.ts";
import type { Outcome, Standing } from "./runner.ts";

export interface MemberActions {
  /** Tries a token that was typed or pasted. */
  give(token: string): Promise<Outcome>;
  leave(): void;
}

const places: Readonly<Record<Keep, string>> = {
  session: "sessionStorage",
  local: "localStorage",
  "indexed-db": "IndexedDB",
};

/** Shows how this tab fares as a workspace, takes a token that it is brought, and lets it leave. */
export class MemberPanel {
  readonly #panel = byId("join-member", HTMLElement);
  readonly #state = byId("join-state", HTMLElement);
  readonly #beat = byId("join-beat", HTMLElement);
  readonly #token = byId("join-token", HTMLInputElement);
  readonly #problem = byId("join-token-problem", HTMLElement);
  #lastBeatAt: number | null = null;

  constructor({ give, leave }: MemberActions) {
    byId("join-leave", HTMLButtonElement).addEventListener("click", leave);
    byId("join-token-form", HTMLFormElement).addEventListener("submit", async (event) => {
      event.preventDefault();
      const problem = await this.#give(this.#token.value, give);
      setText(this.#problem, problem);
      this.#token.setAttribute("aria-invalid", String(problem !== ""));
      if (problem === "") this.#token.value = "";
      else this.#token.focus();
    });
    setInterval(() => this.#showAge(), 1_000);
  }

  open(choice: Choice): void {
    this.render(choice, { phase: "registering", why: "", lastBeatAt: null }, { token: null, unsaved: null });
    this.#panel.hidden = false;
  }

  close(): void {
    this.#panel.hidden = true;
    this.#token.value = "";
    setText(this.#problem, "");
  }

  /** Takes the focus, for when the button that had it is gone. */
  focus(): void {
    this.#state.focus();
  }

  render({ id, keep }: Choice, standing: Standing, { token, unsaved }: Holding): void {
    const { tone, text, advice } = wordsFor(standing, token);
    setData(this.#state, "tone", tone);
    setText(this.#state, `${id}: ${text}`);
    setText(byId("join-advice", HTMLElement), [advice, unsaved].filter(Boolean).join(" "));
    setText(byId("join-holding", HTMLElement), token ?? "none");
    setText(byId("join-place", HTMLElement), unsaved === null ? places[keep] : "memory only");
    this.#lastBeatAt = standing.lastBeatAt;
    this.#showAge();
  }

  #showAge(): void {
    setText(this.#beat, this.#lastBeatAt === null ? "none yet" : ago(Date.now() - this.#lastBeatAt));
  }

  /** Gives what is wrong with a token; empty when it is in use now. */
  async #give(text: string, give: MemberActions["give"]): Promise<string> {
    try {
      const outcome = await give(checkToken(text));
      if (outcome.kind === "accepted") return "";
      if (outcome.kind === "refused") return "The platform refuses this token.";
      return `It could not be tried (${outcome.why}).`;
    } catch (error) {
      return isAuthError(error) ? error.message : "It could not be tried.";
    }
  }
}

function wordsFor(
  { phase, why }: Standing,
  token: string | null,
): { tone: string; text: string; advice: string } {
  switch (phase) {
    case "registering":
      return { tone: "quiet", text: "registering", advice: "" };
    case "beating":
      return { tone: "good", text: "beating", advice: "" };
    case "failing":
      return { tone: "warn", text: `${why}, trying again`, advice: "" };
    case "removed":
      return { tone: "bad", text: "removed for good", advice: "Leave, and join under another id." };
    case "refused":
      return {
        tone: "bad",
        text: "refused (401)",
        advice:
          token === null
            ? "The workspace has a token already, and this tab does not. Paste it here, or revoke it: then there is a new one."
            : "If its token was rotated, paste the new one here. If it is revoked, a new one comes by itself.",
      };
  }
}
