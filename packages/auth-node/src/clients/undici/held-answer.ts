import type { Controller, Dispatch, DispatchRequest, Handler } from "./dispatch.ts";

/** A 401 withheld from the handler while another token is looked up. */
export interface HeldAnswer {
  /** Passes it on to the handler. */
  release(): void;
  /** Discards it, with its connection. @returns false if the request has failed, which the handler has already seen */
  drop(): boolean;
}

/** True for a response withheld by `sendHolding401`. */
export const isHeld = (answer: unknown): boolean =>
  answer !== null && typeof answer === "object" && "drop" in answer;

/** Sends a request and passes everything to the handler except a 401, which is withheld with its body unread. */
export function sendHolding401(
  dispatch: Dispatch,
  request: DispatchRequest,
  handler: Handler,
): Promise<HeldAnswer | null> {
  return new Promise((resolve) => {
    /** Whether the handler gets the response: yes, not yet, or never. */
    let state: "given" | "held" | "dropped" | "failed" = "given";
    /** What arrives despite the pause: a MockAgent, for one, ignores it. */
    const waiting: (() => void)[] = [];
    const given = () => resolve(null);
    /**
     * Aborts this connection only: an interceptor above, such as undici's `dump`, replaces it and also gets the retry.
     */
    let abort: Controller["abort"] = () => {};
    const pass = (act: () => void) => {
      if (state === "given") act();
      else if (state === "held") waiting.push(act);
    };

    dispatch(request, {
      onRequestStart(controller, context) {
        abort = controller.abort.bind(controller);
        handler.onRequestStart?.(controller, context);
      },
      onRequestUpgrade(...upgrade) {
        given();
        handler.onRequestUpgrade?.(...upgrade);
      },
      onResponseStart(controller, status, ...rest) {
        if (status !== 401) {
          // A status below 200 is followed by another response.
          if (status >= 200) given();
          handler.onResponseStart?.(controller, status, ...rest);
          return;
        }
        state = "held";
        controller.pause();
        resolve({
          release() {
            if (state !== "held") return;
            state = "given";
            try {
              handler.onResponseStart?.(controller, status, ...rest);
              for (const act of waiting) act();
              controller.resume();
            } catch (error) {
              // As undici does with a handler that throws, except that its own `retry` handles it.
              abort(error);
            }
          },
          drop() {
            if (state === "failed") return false;
            state = "dropped";
            abort(new Error("Discarded a 401: the request is sent again with another token."));
            // An interceptor below may have replaced it, and the connection would stay paused.
            controller.resume();
            return true;
          },
        });
      },
      onResponseData: (...data) => pass(() => handler.onResponseData?.(...data)),
      onResponseEnd: (...end) => pass(() => handler.onResponseEnd?.(...end)),
      onResponseError(...failure) {
        if (state === "dropped") return;
        if (state === "held") state = "failed";
        given();
        handler.onResponseError?.(...failure);
      },
    });
  });
}
