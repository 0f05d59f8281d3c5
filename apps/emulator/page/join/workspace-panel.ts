import { checkToken, isAuthError } from "@x/auth-core";
import { byId, setData, setText } from "../dom.ts";
import { ago } from "../format.ts";
import { failureText } from "./failure-text.ts";
import type { Outcome, RunnerStatus } from "./runner.ts";
import type { JoinSettings, StorageKind } from "./settings.ts";
import type { TokenSummary } from "./tab-client.ts";

export interface PanelActions {
  /** Tries a typed or pasted token. */
  useToken(token: string): Promise<Outcome>;
  leave(): void;
}

const storageNames: Readonly<Record<StorageKind, string>> = {
  session: "sessionStorage",
  local: "localStorage",
  "indexed-db": "IndexedDB",
};

/** Shows this tab's status as a workspace, accepts a token, and lets the tab leave. */
export class WorkspacePanel {
  readonly #panel = byId("join-workspace", HTMLElement);
  readonly #state = byId("join-state", HTMLElement);
  readonly #heartbeat = byId("join-heartbeat", HTMLElement);
  readonly #token = byId("join-token", HTMLInputElement);
  readonly #problem = byId("join-token-problem", HTMLElement);
  #lastHeartbeatAt: number | null = null;

  constructor({ useToken, leave }: PanelActions) {
    byId("join-leave", HTMLButtonElement).addEventListener("click", leave);
    byId("join-token-form", HTMLFormElement).addEventListener("submit", async (event) => {
      event.preventDefault();
      const problem = await this.#useToken(this.#token.value, useToken);
      setText(this.#problem, problem);
      this.#token.setAttribute("aria-invalid", String(problem !== ""));
      if (problem === "") this.#token.value = "";
      else this.#token.focus();
    });
    setInterval(() => this.#showAge(), 1_000);
  }

  open(settings: JoinSettings): void {
    this.render(
      settings,
      { phase: "registering", why: "", lastHeartbeatAt: null },
      { token: null, unsaved: null },
    );
    this.#panel.hidden = false;
  }

  close(): void {
    this.#panel.hidden = true;
    this.#token.value = "";
    setText(this.#problem, "");
  }

  /** Takes the focus when the focused button disappears. */
  focus(): void {
    this.#state.focus();
  }

  render({ id, storageKind }: JoinSettings, status: RunnerStatus, { token, unsaved }: TokenSummary): void {
    const { tone, text, advice } = wordsFor(status, token);
    setData(this.#state, "tone", tone);
    setText(this.#state, `${id}: ${text}`);
    setText(byId("join-advice", HTMLElement), [advice, unsaved].filter(Boolean).join(" "));
    setText(byId("join-token-summary", HTMLElement), token ?? "none");
    setText(byId("join-place", HTMLElement), unsaved === null ? storageNames[storageKind] : "memory only");
    this.#lastHeartbeatAt = status.lastHeartbeatAt;
    this.#showAge();
  }

  #showAge(): void {
    setText(
      this.#heartbeat,
      this.#lastHeartbeatAt === null ? "none yet" : ago(Date.now() - this.#lastHeartbeatAt),
    );
  }

  /** Tries a token. @returns the error; empty if it is now in use */
  async #useToken(text: string, useToken: PanelActions["useToken"]): Promise<string> {
    try {
      const outcome = await useToken(checkToken(text));
      if (outcome === null || outcome.kind === "aborted") return "";
      if (outcome.kind === "unauthorized") return "The platform rejects this token.";
      return `It could not be tried (${failureText(outcome)}).`;
    } catch (error) {
      return isAuthError(error) ? error.message : "It could not be tried.";
    }
  }
}

function wordsFor(
  { phase, why }: RunnerStatus,
  token: string | null,
): { tone: string; text: string; advice: string } {
  switch (phase) {
    case "registering":
      return { tone: "quiet", text: "registering", advice: "" };
    case "alive":
      return { tone: "good", text: "alive", advice: "" };
    case "failing":
      return { tone: "warn", text: `${why}, trying again`, advice: "" };
    case "removed":
      return { tone: "bad", text: "removed for good", advice: "Leave, and join under another id." };
    case "unauthorized":
      return {
        tone: "bad",
        text: "unauthorized (401)",
        advice:
          token === null
            ? "The workspace already has a token that this tab does not know. Paste it here, or revoke it to receive a new one."
            : "If its token was rotated, paste the new one here. If it was revoked, the platform issues a new one.",
      };
  }
}
