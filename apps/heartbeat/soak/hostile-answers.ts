import type { TransportRequest, TransportResponse } from "@x/platform-client";
import { answer } from "./fault-schedule.ts";
import { pick, type Random, randomToken } from "./random.ts";

/** What answers in the platform's place: a proxy that mixes things up, a login page, an attacker. */
const KINDS = [
  "echo",
  "web-page",
  "too-long",
  "cut-off",
  "deep",
  "polluted",
  "another-workspace",
  "other-types",
  "bad-token",
  "long-ids",
  "redirect",
  "empty",
  "odd-status",
  "odd-pause",
] as const;

export interface HostileAnswersOptions {
  readonly random: Random;
  /** A token that some workspace of the fleet has sent: an answer may hold another one's. */
  readonly anyToken: () => string;
  /** Called with each spelling of a token in an answer. */
  readonly onEcho: (written: string) => void;
}

const percent = (text: string) => text.replace(/./g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);

/** Ways to spell a token. */
const SPELLINGS: readonly [(text: string) => string, ...((text: string) => string)[]] = [
  (text) => text,
  (text) => text.toUpperCase(),
  percent,
  (text) => encodeURIComponent(percent(text)),
  (text) => Buffer.from(text).toString("base64"),
  (text) => Buffer.from(text).toString("hex"),
  (text) => [...text].join("\u200b"),
  (text) => [...text].reverse().join(""),
  (text) => `${text.slice(0, 20)}\u001b[1m${text.slice(20)}`,
];

/** Gives answers that no platform should give. */
export function hostileAnswers({ random, anyToken, onEcho }: HostileAnswersOptions) {
  const longId = () => `${randomToken(random)}${"x".repeat(100_000)}`;

  return ({ url, headers }: Pick<TransportRequest, "url" | "headers">): TransportResponse => {
    switch (pick(random, KINDS)) {
      case "echo": {
        const own = headers.Authorization?.slice("Bearer ".length);
        const written = pick(random, SPELLINGS)(own !== undefined && random() < 0.5 ? own : anyToken());
        onEcho(written);
        return answer(pick(random, [400, 422, 500, 503]), { error: `no such token: ${written}, sorry` });
      }
      case "web-page":
        return { ...answer(200, null), text: "<!doctype html><title>Sign in</title>" };
      case "too-long":
        return { ...answer(200, null), text: null };
      case "cut-off":
        return { ...answer(200, null), text: '{"status":"registered","auth_token":"' };
      case "deep":
        return { ...answer(200, null), text: `${"[".repeat(50_000)}${"]".repeat(50_000)}` };
      case "polluted":
        return {
          ...answer(200, null),
          text: '{"__proto__":{"auth_token":"polluted-polluted"},"constructor":{"prototype":{"signal":1}}}',
        };
      case "another-workspace":
        return answer(200, {
          id: "someone-else",
          workspace_id: "someone-else",
          auth_token: randomToken(random),
        });
      case "other-types":
        return answer(200, { status: 7, auth_token: {}, platform_inbound_secret: [1], generation: "x" });
      case "bad-token":
        return answer(200, { status: "ok", auth_token: `two\nlines${"y".repeat(20_000)}` });
      case "long-ids":
        return url.endsWith("/delegations")
          ? answer(200, rows(url.split("/").at(-2) ?? "", longId))
          : answer(200, { status: longId(), url: longId() });
      case "redirect":
        return answer(302, null, { location: `https://elsewhere.test/${longId()}` });
      case "empty":
        return answer(pick(random, [404, 502]), null);
      case "odd-status":
        return answer(pick(random, [203, 299, 418, 451, 599]), { error: { message: ["no"] } });
      // An hour is a pause that a platform may ask for, and then all workspaces are silent.
      case "odd-pause":
        return answer(
          503,
          { retry_after: -1e308 },
          { "retry-after": pick(random, ["-1", "soon", "1e3", " 9 "]) },
        );
    }
  };
}

/** Delegations with ids too long to remember. */
const rows = (source: string, longId: () => string) =>
  [1, 2, 3].map(() => ({ id: longId(), delegation_id: longId(), source_id: source, status: "completed" }));
