import { Readable, Stream } from "node:stream";
import { expect, it } from "vitest";
import { canBeSentTwice } from "./signed-request.ts";

/** As in the package form-data, which has tagged its forms since version 4.0.3. */
const form = Object.assign(new Stream(), { [Symbol.toStringTag]: "FormData" });

it.each([
  ["none", null, true],
  ["text", "x", true],
  ["bytes", Buffer.from("x"), true],
  ["a form", new FormData(), true],
  ["a blob", new Blob(["x"]), true],
  ["a Node stream", Readable.from(["x"]), false],
  ["a web stream", new Blob(["x"]).stream(), false],
  ["a form of the package form-data", form, false],
])("whether a body can be sent twice: %s", (_, body, twice) => {
  expect(canBeSentTwice(body)).toBe(twice);
});
