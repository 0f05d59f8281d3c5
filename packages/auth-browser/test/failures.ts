import { type AuthError, isAuthError } from "@x/auth-core";

/** The `AuthError` that `action` fails with. */
export async function failureOf(action: () => unknown): Promise<AuthError> {
  try {
    await action();
  } catch (error) {
    if (isAuthError(error)) return error;
    throw error;
  }
  throw new Error("expected a failure");
}

/** A frame without access to storage; accessing it throws the browser's own error. */
export async function sandboxedFrame(): Promise<Window> {
  const frame = document.createElement("iframe");
  frame.sandbox.add("allow-scripts");
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
  document.body.append(frame);
  await loaded;
  if (frame.contentWindow === null) throw new Error("expected a frame with a window");
  return frame.contentWindow;
}
