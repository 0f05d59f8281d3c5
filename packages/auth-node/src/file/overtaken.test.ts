import { expect, it } from "vitest";
import { Overtaken, untilNotOvertaken } from "./overtaken.ts";

const location = { configsDir: "/configs", fileName: ".auth_token", root: null };

it("a change that is overtaken is made again, and given up when that never ends", async () => {
  let left = 3;
  const change = async () => {
    left -= 1;
    if (left > 0) throw new Overtaken();
    return "changed";
  };
  expect(await untilNotOvertaken(location, change)).toBe("changed");
  left = Number.POSITIVE_INFINITY;
  await expect(untilNotOvertaken(location, change)).rejects.toMatchObject({
    code: "STORAGE_WRITE_FAILED",
    message: expect.stringContaining("/configs/.auth_token"),
  });
});
