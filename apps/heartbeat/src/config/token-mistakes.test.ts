import { expect, it } from "vitest";
import { tokenMistake } from "./token-mistakes.ts";

const TOKEN = "k7Wq0mZr3bXv5nYt8cLp1dGs6fHj2aKe4uRi9oTx0yQ";

it.each([
  [
    "/run/secrets/token",
    "path of a file: give the token in it, or the path in MOLECULE_WORKSPACE_TOKEN_FILE",
  ],
  ["~/token.txt", "path of a file"],
  ["./token", "path of a file"],
  ["C:\\Users\\seven\\token.txt", "path of a file"],
  ["file:///run/token", "path of a file"],
  ["@token.txt", "path of a file"],
  ["null", "is a placeholder, not a token"],
  ["undefined", "is a placeholder, not a token"],
  ["None", "is a placeholder, not a token"],
  [`${TOKEN.slice(0, 4)}********`, "masked"],
  [`${TOKEN.slice(0, 4)}…`, "masked"],
  [`${TOKEN.slice(0, 4)}… (43 characters)`, "masked"],
  [`Token ${TOKEN}`, "name of a scheme"],
  [`ApiKey ${TOKEN}`, "name of a scheme"],
  [`X-Auth-Token=${TOKEN}`, "a name with its value"],
  [`${TOKEN}\n${TOKEN}`, "more than one line"],
  [`-----BEGIN TOKEN-----\r\n${TOKEN}`, "more than one line"],
  [`\u200b${TOKEN}`, "invisible character"],
  [`${TOKEN.slice(0, 9)}\u00ad${TOKEN.slice(9)}`, "invisible character"],
])("%j is reported without being quoted", (text, why) => {
  expect(tokenMistake(text)).toContain(why);
  expect(tokenMistake(` ${text}\n`)).not.toContain(TOKEN.slice(4, 20));
});

it.each([
  TOKEN,
  ` ${TOKEN}\r\n`,
  "token",
  "bearer-token-0123456789",
  "/8IBMRjr1nBDPXyI8XTOKsV3iKfYyRBsuWBTmrsoTB8=",
  "+9IBMRjr1nBDPXkeyI8XTOKsV3iKfYyRBsuWBTmrsoT==",
  "a=b",
  "$2b$12$abcdefghijklmnopqrstuv",
  "nullnullnullnullnull",
  "eyJhbGciOi.eyJzdWIiOi.SflKxwRJSM",
])("%j may be a token", (text) => {
  expect(tokenMistake(text)).toBeUndefined();
});
