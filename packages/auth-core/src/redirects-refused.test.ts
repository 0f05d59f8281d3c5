import { describe, expect, it } from "vitest";
import { authError } from "../test/support/errors.ts";
import { redirecting } from "../test/support/redirecting.ts";
import { startServer } from "../test/support/server.ts";
import { testStorage } from "../test/support/storage.ts";
import { fileToken } from "../test/support/tokens.ts";
import { createAuthFetch } from "./auth-fetch.ts";
import { createAuth } from "./create-auth.ts";
import { sendWithinOrigin } from "./redirects.ts";

const all = [301, 302, 303, 307, 308];

describe("a redirect to another origin", () => {
  it.each(all)("%i is not followed, and the error says where it went", async (status) => {
    const other = await startServer();
    const { send, old } = await redirecting(status, `${other.origin}/new?secret=1`);
    const error = await authError("REDIRECT_REJECTED", () => send(old, { method: "POST", body: "{}" }));
    expect(error.message).toContain(`to another origin, ${other.origin}; it was not followed.`);
    expect(error.message).toContain("set PLATFORM_URL");
    expect(error.message).not.toContain("secret");
    expect(other.received).toStrictEqual([]);
  });

  it("is not followed by fetch itself, whatever it reads as `follow`", async () => {
    const other = await startServer();
    const { send, old } = await redirecting(302, other.origin);
    for (const redirect of [new String("follow"), ["follow"], { toString: () => "follow" }]) {
      await authError("REDIRECT_REJECTED", () => send(old, { redirect: redirect as never }));
    }
    expect(other.received).toStrictEqual([]);
  });

  it.each([
    ["whole", `${fileToken}.example`],
    ["in two parts", `${fileToken.slice(0, 20)}.${fileToken.slice(20)}.example`],
    ["in many parts", `${fileToken.replace(/.{4}/g, "$&.")}.example`],
    ["but for its end", fileToken.slice(0, 32)],
  ])("whose host name holds the token %s is not named", async (_, host) => {
    const { send, old } = await redirecting(302, `https://${host}/`);
    const { message } = await authError("REDIRECT_REJECTED", () => send(old));
    expect(message).toContain("to another origin, https://…; it was not followed.");
  });

  it("is not followed from a later hop either", async () => {
    const other = await startServer();
    const server = await startServer(({ path }, response) => {
      response.writeHead(302, { Location: path === "/old" ? "/new" : other.origin });
    });
    const auth = createAuth({ storage: testStorage(fileToken), env: { PLATFORM_URL: server.origin } });
    await authError("REDIRECT_REJECTED", () => createAuthFetch(auth)(`${server.origin}/old`));
    expect([server.received.length, other.received.length]).toStrictEqual([2, 0]);
  });

  it("includes another scheme on the same host, and an invalid URL", async () => {
    for (const location of ["https://127.0.0.1:1/", "http://[", "data:text/plain,x"]) {
      const { send, old, server } = await redirecting(302, location);
      await authError("REDIRECT_REJECTED", () => send(old));
      expect(server.received).toHaveLength(1);
    }
  });
});

it.each(["http://[", "http://user:secret@HOST/new", "http://user@HOST/new"])(
  "a redirect to %s is not followed, nor said to lead to another origin",
  async (location) => {
    const { send, old, server } = await redirecting(302, location);
    const { message } = await authError("REDIRECT_REJECTED", () => send(old));
    expect(message).toMatch(/redirected a signed request to an invalid URL, or one with credentials;/);
    expect(message).not.toContain("secret");
    expect(server.received).toHaveLength(1);
  },
);

describe("a response that resembles a redirect", () => {
  it.each([
    [302, null],
    [304, "/new"],
    [300, "/new"],
    [201, "/new"],
  ])("%i with location %s is returned as it is", async (status, location) => {
    const { server, send, old } = await redirecting(status, location);
    expect((await send(old)).status).toBe(status);
    expect(server.received).toHaveLength(1);
  });

  it.each(["init", "Request"])("is returned when %s sets redirect to manual", async (via) => {
    const { server, send, old } = await redirecting(302);
    const manual = { redirect: "manual" } as const;
    const response = await (via === "init" ? send(old, manual) : send(new Request(old, manual)));
    expect([response.status, server.received.length]).toStrictEqual([302, 1]);
  });

  it("is an error when the caller sets redirect to error", async () => {
    const { send, old, server } = await redirecting(302);
    await expect(send(old, { redirect: "error" })).rejects.toThrow(TypeError);
    expect(server.received).toHaveLength(1);
  });

  it("is rejected in a browser, which hides its target", async () => {
    const hidden = Object.defineProperty(new Response(), "type", { value: "opaqueredirect" });
    const send = async () => hidden;
    const error = await authError("REDIRECT_REJECTED", () =>
      sendWithinOrigin(send, { url: "https://p.example", input: "https://p.example", init: {} }),
    );
    expect(error.message).toMatch(/the browser hides the target; use the final URL/);
  });
});

describe("a chain of redirects", () => {
  it.each([
    [20, 21],
    [21, 21],
  ])("of %i sends %i requests", async (length, requests) => {
    const server = await startServer(({ path }, response) => {
      const hop = Number(path.slice(1));
      if (hop < length) response.writeHead(302, { Location: `/${hop + 1}` });
    });
    const auth = createAuth({ storage: testStorage(fileToken), env: { PLATFORM_URL: server.origin } });
    const sent = createAuthFetch(auth)(`${server.origin}/0`);
    if (length === 20) expect((await sent).status).toBe(200);
    else {
      const { message } = await authError("REDIRECT_REJECTED", () => sent);
      expect(message).toBe("The platform redirected a signed request more than 20 times.");
    }
    expect(server.received).toHaveLength(requests);
  });
});
