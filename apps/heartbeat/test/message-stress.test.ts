import { expect, it } from "vitest";
import { brokenPromises, countAnswers } from "../message-stress/count.ts";
import { stress } from "../message-stress/stress.ts";
import { seededRandom } from "../soak/random.ts";
import { temporaryDirectory } from "./support/directory.ts";

it("no message is lost, answered out of order, or answered twice while the runner is killed", async () => {
  const directory = temporaryDirectory();
  const report = await stress({
    workspaces: 8,
    messages: 80,
    kills: 3,
    sendMs: 3_000,
    quietMs: 2_500,
    giveUpMs: 60_000,
    inboxSeconds: 1,
    directory,
    random: seededRandom(1),
    onProgress() {},
  });
  expect(brokenPromises(report)).toEqual([]);
  expect(report).toMatchObject({ messages: 80, lost: 0, kills: 3 });
}, 120_000);

it("counts messages that are lost, answered twice, out of order, or answers to answers", () => {
  const sent = ["a", "b", "c"].map((text) => ({ text, to: "w", from: null }));
  const said = (text: string) => ({ method: "notify", requestBody: null, responseBody: { result: text } });
  const reply = (in_reply_to: string) => ({
    method: "message/send",
    requestBody: { params: { message: { metadata: { in_reply_to } } } },
    responseBody: null,
  });
  const feeds = new Map([["w", [said("re: b"), said("re: a"), said("re: a"), reply("unknown")]]]);
  const counts = countAnswers(sent, feeds, (text) => `re: ${text}`);
  expect(counts).toEqual({ messages: 3, lost: 1, answeredTwice: 1, outOfOrder: 1, answersToAnswers: 1 });
  expect(brokenPromises(counts)).toHaveLength(4);
});
