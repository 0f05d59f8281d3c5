import fc, { type Arbitrary } from "fast-check";
import { hostileJson, objects } from "./json.ts";
import { hostile, hostileText, nasty } from "./text.ts";
import { ids, tokens } from "./valid.ts";

/** The workspace in the requests, and the token that they carry. */
export const WORKSPACE = "agent-7";
export const SENT_TOKEN = "the-token-that-was-sent-with-the-request";

const anId = fc.oneof(
  { weight: 3, arbitrary: fc.constant(WORKSPACE) },
  { weight: 1, arbitrary: hostile(ids) },
);
const words = fc.oneof(
  nasty,
  fc.constantFrom(SENT_TOKEN, `no such token: ${SENT_TOKEN}`, `${"x".repeat(100)}${SENT_TOKEN}`),
);

const registry = objects({
  status: fc.oneof(fc.constantFrom("registered", "ok"), words),
  auth_token: hostile(tokens),
  platform_inbound_secret: hostile(tokens),
  id: anId,
  workspace_id: anId,
  error: words,
  code: words,
});

const workspace = objects({
  id: anId,
  status: fc.oneof(fc.constantFrom("online", "offline", "removed", "new-one"), hostileText(words)),
  error: fc.oneof(fc.constant("workspace not found"), words),
});

const rows = fc.array(
  objects({
    id: hostile(ids),
    delegation_id: hostile(ids),
    source_id: anId,
    target_id: hostile(ids),
    status: fc.constantFrom("completed", "failed", "pending"),
    summary: words,
    response_preview: words,
    error: words,
  }),
  { maxLength: 5 },
);

const bodies = fc.oneof(
  hostileJson(registry),
  hostileJson(workspace),
  hostileJson(rows),
  hostileText(fc.constant("")),
);

const headers = fc
  .array(
    fc.oneof(
      fc.tuple(
        fc.constant("Retry-After"),
        fc.oneof(
          fc.integer().map(String),
          nasty,
          fc.constantFrom("1e400", "9".repeat(400), "Fri, 31 Dec 9999 23:59:59 GMT"),
        ),
      ),
      fc.tuple(
        fc.constant("Location"),
        fc.oneof(
          fc.webUrl(),
          nasty,
          fc.constantFrom("//evil.example/", "http://a:b@evil.example", "data:,x", "http://["),
        ),
      ),
      fc.tuple(nasty, nasty),
      fc.constantFrom(
        ["Content-Encoding", "gzip"],
        ["Content-Type", "text/html"],
        ["Set-Cookie", "a=b"],
        ["Transfer-Encoding", "chunked"],
        ["Content-Length", "-1"],
        ["Connection", "Upgrade"],
        ["X-Long", "x".repeat(40_000)],
      ),
    ),
    { maxLength: 3 },
  )
  .map((pairs) => pairs.map(([name, value]) => `${name}: ${value}\r\n`).join(""));

const statuses = fc.oneof(
  { weight: 5, arbitrary: fc.constant(200) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(201, 202, 204, 301, 307, 400, 401, 403, 404, 410, 429, 500, 503, 530),
  },
  { weight: 1, arbitrary: fc.constantFrom(0, 99, 101, 103, 304, 600, 999) },
);

/** An answer on the wire, with the framing of its body; and malformed ones. */
export const answers: Arbitrary<Buffer> = fc
  .record({
    status: statuses,
    more: fc.oneof({ weight: 2, arbitrary: fc.constant("") }, { weight: 1, arbitrary: headers }),
    body: bodies,
    framing: fc.constantFrom("length", "length", "length", "chunked", "close", "short", "long"),
    before: fc.oneof(
      { weight: 9, arbitrary: fc.constant("") },
      { weight: 1, arbitrary: fc.constantFrom("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(50), "\r\n", "\0") },
    ),
    cutAt: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 10 }),
  })
  .map(({ status, more, body, framing, before, cutAt }) => {
    const size = Buffer.byteLength(body);
    const said = { length: size, short: Math.floor(size / 2), long: size + 10, chunked: null, close: null }[
      framing
    ];
    const length = said === null ? "" : `Content-Length: ${said}\r\n`;
    const head = `HTTP/1.1 ${status} X\r\n${more}${framing === "chunked" ? "Transfer-Encoding: chunked\r\n" : length}\r\n`;
    const content = framing === "chunked" ? `${size.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;
    const bytes = Buffer.from(before + head + content);
    return cutAt === null ? bytes : bytes.subarray(0, Math.floor(cutAt * bytes.length));
  });
