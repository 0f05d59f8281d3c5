import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AuthError, asAuthError, isAuthError } from "./errors.ts";

const built = new URL("../dist/index.js", import.meta.url);

describe("AuthError", () => {
  it("is an error with a code", () => {
    const error = new AuthError("TOKEN_INVALID", "No good.");
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message]).toStrictEqual(["AuthError", "TOKEN_INVALID", "No good."]);
    expect("cause" in error).toBe(false);
    expect(String(error)).toBe("AuthError: No good.");
  });

  it("keeps a cause, which JSON omits", () => {
    const cause = new Error("deeper");
    const error = new AuthError("STORAGE_READ_FAILED", "No good.", { cause });
    expect(error.cause).toBe(cause);
    expect(Object.keys(error)).not.toContain("cause");
  });

  it("keeps a list of problems, and has no such property without one", () => {
    const problems = ["one", "two"];
    expect(new AuthError("WORKSPACES_INVALID", "No good.", { problems }).problems).toBe(problems);
    expect("problems" in new AuthError("TOKEN_INVALID", "No good.")).toBe(false);
  });
});

describe("a subclass of AuthError", () => {
  class SetupError extends AuthError {}

  it("has only its own instances, which are AuthErrors", () => {
    const error = new SetupError("OPTIONS_INVALID", "No good.");
    expect([error instanceof SetupError, error instanceof AuthError]).toStrictEqual([true, true]);
    expect(new AuthError("OPTIONS_INVALID", "No good.") instanceof SetupError).toBe(false);
  });
});

describe("isAuthError", () => {
  it("is true for an AuthError and nothing else", () => {
    expect(isAuthError(new AuthError("TOKEN_INVALID", "No good."))).toBe(true);
    const others = [
      new Error("x"),
      { name: "AuthError", code: "TOKEN_INVALID" },
      null,
      undefined,
      "AuthError",
      7,
    ];
    for (const other of others) expect(isAuthError(other)).toBe(false);
  });

  it("is true across two copies of the package", async () => {
    expect(readFileSync(built, "utf8")).toContain("AuthError");
    const [one, two] = await Promise.all(
      ["one", "two"].map(
        (copy): Promise<typeof import("./index.ts")> => import(`${built.href}?copy=${copy}`),
      ),
    );
    if (one === undefined || two === undefined) throw new Error("expected two copies");
    expect(one.AuthError).not.toBe(two.AuthError);
    const error = new one.AuthError("TOKEN_INVALID", "No good.");
    for (const copy of [two, { AuthError }]) expect(error).toBeInstanceOf(copy.AuthError);
    expect(new Error("x")).not.toBeInstanceOf(two.AuthError);
    expect([one, two, { isAuthError }].map((copy) => copy.isAuthError(error))).toStrictEqual([
      true,
      true,
      true,
    ]);
  });
});

describe("asAuthError", () => {
  const TOKEN = "OyNd0123456789abcdefghijklmnopqrstuvwxyzABC";
  const wrap = (error: unknown) => asAuthError(error, "STORAGE_READ_FAILED", "The file cannot be read");

  it("leaves an AuthError as it is", () => {
    const error = new AuthError("TOKEN_INVALID", "No good.");
    expect(wrap(error)).toBe(error);
  });

  it("keeps only the name and the code of another error", () => {
    const foreign = Object.assign(new TypeError("secret", { cause: "secret" }), {
      code: "EACCES",
      path: "secret",
    });
    const error = wrap(foreign);
    expect(error.code).toBe("STORAGE_READ_FAILED");
    expect(error.message).toBe("The file cannot be read (TypeError EACCES).");
    expect(Object.keys(error)).not.toContain("cause");
    expect(error.cause).toMatchObject({ message: "TypeError EACCES", code: "EACCES" });
    expect(JSON.stringify(Object.getOwnPropertyDescriptors(error.cause))).not.toContain("secret");
  });

  it.each([
    [new RangeError("secret"), "RangeError"],
    [Object.assign(new Error("secret"), { code: 22 }), "Error"],
    ["secret", "unknown"],
    [undefined, "unknown"],
    [{ name: "secret", code: "secret" }, "unknown"],
    [Object.assign(new Error("secret"), { name: TOKEN, code: TOKEN }), "unknown"],
    [Object.assign(new Error("secret"), { code: `E ${TOKEN}` }), "Error"],
  ])("names the kind of failure of %o", (foreign, kind) => {
    expect(wrap(foreign).message).toBe(`The file cannot be read (${kind}).`);
    expect(wrap(foreign).cause).not.toHaveProperty("code");
  });
});
