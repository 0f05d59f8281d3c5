import { describe, expect, it } from "vitest";
import { ListToken, ListTokenPlatforms } from "./list-token.ts";

const A = "https://a.example";
const B = "https://b.example";
const token = "token-of-a-workspace-0123456789";

describe("the token of a list entry", () => {
  it("is never sent to a platform other than the one it was first listed for", () => {
    const platforms = new ListTokenPlatforms();
    expect(new ListToken({ token, origin: A, platforms }).read()).toBe(token);
    expect(() => new ListToken({ token, origin: B, platforms }).read()).toThrow("another platform");
    expect(new ListToken({ token, origin: A, platforms }).read()).toBe(token);
  });

  it("is bound to that platform even if it is never read, as while the store holds a token", () => {
    const platforms = new ListTokenPlatforms();
    const replaced = `${token}-replaced`;
    const listed = new ListToken({ token, origin: A, platforms });
    listed.token = replaced;
    for (const moved of [token, replaced]) {
      expect(() => new ListToken({ token: moved, origin: B, platforms }).read()).toThrow("another platform");
    }
    expect(listed.read()).toBe(replaced);
  });

  it("may be replaced by the new platform's token", () => {
    const platforms = new ListTokenPlatforms();
    new ListToken({ token, origin: A, platforms }).read();
    const moved = new ListToken({ token, origin: B, platforms });
    moved.token = `${token}-of-b`;
    expect(moved.read()).toBe(`${token}-of-b`);
  });

  it("is not in that error", () => {
    const platforms = new ListTokenPlatforms();
    new ListToken({ token, origin: A, platforms }).read();
    expect(() => new ListToken({ token, origin: B, platforms }).read()).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(token) }),
    );
  });
});
