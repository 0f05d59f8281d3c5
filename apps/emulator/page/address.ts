import { byId, setText } from "./dom.ts";

const COPIED_MS = 2_000;

/** The line that points an agent at this emulator, with a copy button. */
export function showAddress(): void {
  const line = `PLATFORM_URL=${location.origin}`;
  const code = byId("platform-url", HTMLElement);
  const button = byId("copy-url", HTMLButtonElement);
  const state = byId("copy-state", HTMLElement);
  setText(code, line);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(line);
      setText(button, "Copied");
      setText(state, "Copied");
    } catch {
      getSelection()?.selectAllChildren(code);
      setText(state, "The browser did not let this page copy. The line is selected.");
    }
    setTimeout(() => {
      setText(button, "Copy");
      setText(state, "");
    }, COPIED_MS);
  });
}
