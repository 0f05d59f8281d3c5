import fc, { type Arbitrary } from "fast-check";
import { hostileJson, objects } from "../inputs/json.ts";
import { hostileText, nasty } from "../inputs/text.ts";
import { ids, tokens } from "../inputs/valid.ts";

/** Ids that the platform knows; others do not exist. */
const AGENT = "55c16871-7e16-5b42-b1cd-bf34af90ab2c";
const OTHER = "8a6d1f00-3c55-5d0e-9f8f-0d2f7c1b9e77";
const workspaces = fc.oneof(hostileText(ids), fc.constantFrom(AGENT, OTHER));

const paths = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "/registry/register",
      "/registry/heartbeat",
      "/registry/update-card",
      "/health",
      "/workspaces",
      `/workspaces/${AGENT}`,
      `/workspaces/${AGENT}/a2a`,
      `/workspaces/${OTHER}/a2a`,
      `/workspaces/${AGENT}/activity?since_id=${OTHER}&limit=-1`,
      `/workspaces/${AGENT}/notify`,
      `/workspaces/${AGENT}/delegate`,
      `/workspaces/${AGENT}/delegations`,
      `/workspaces/${AGENT}/tokens`,
      `/workspaces/${AGENT}/external/rotate`,
      `/registry/${AGENT}/peers`,
      "/emulator/state",
      "/openapi.json",
      "/",
    ),
  },
  {
    weight: 2,
    arbitrary: hostileText(ids).map((id) => `/workspaces/${encoded(id.slice(0, 300))}/delegations`),
  },
  { weight: 1, arbitrary: fc.webPath() },
  { weight: 1, arbitrary: nasty.map((text) => `/${text}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "*",
      "http://evil.example/registry/register",
      "//evil.example/",
      "/%zz",
      `/${"a".repeat(9_000)}`,
    ),
  },
);

const encoded = (text: string) => encodeURIComponent(Buffer.from(text).toString());

const methods = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("GET", "POST") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"],
      ...["PRI", "get", ""],
    ),
  },
);

const bodies = fc.oneof(
  hostileJson(
    objects({
      id: workspaces,
      url: nasty,
      agent_card: nasty,
      delivery_mode: fc.constantFrom("poll", "push", "x"),
    }),
  ),
  hostileJson(
    objects({
      workspace_id: workspaces,
      error_rate: fc.oneof(fc.double(), nasty),
      uptime_seconds: fc.oneof(fc.integer(), fc.double()),
      runtime_metadata: nasty,
    }),
  ),
);

const headers: Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.tuple(
        fc.constantFrom("Authorization", "X-Workspace-ID", "X-Molecule-Org-Id", "Origin", "Host", "Cookie"),
        nasty,
      ),
      tokens.map((token) => ["Authorization", `Bearer ${token.slice(0, 200)}`] as const),
      fc.constant(["Authorization", "Bearer local-admin"] as const),
      fc.constantFrom(
        ["X-Workspace-ID", "\x9b2Jagent"],
        ["Host", "evil.example"],
        ["Connection", "Upgrade"],
        ["Upgrade", "websocket"],
        ["Upgrade", "h2c"],
        ["Expect", "100-continue"],
        ["Expect", "nonsense"],
        ["Transfer-Encoding", "chunked"],
        ["Transfer-Encoding", "gzip, chunked"],
        ["Content-Length", "5"],
        ["Content-Length", "-1"],
        ["Content-Length", "99999999999999999999"],
        ["Content-Encoding", "gzip"],
        ["Content-Type", "text/html; charset=\x80"],
      ),
      fc.tuple(nasty, nasty),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => pairs.map(([name, value]) => `${name}: ${value}\r\n`).join(""));

/** A request, possibly mutated. Sent as UTF-8, or as its low bytes only. */
export const requests: Arbitrary<Buffer> = fc
  .record({
    method: methods,
    path: paths,
    version: fc.oneof(
      { weight: 12, arbitrary: fc.constant("HTTP/1.1") },
      { weight: 1, arbitrary: fc.constantFrom("HTTP/1.0", "HTTP/2.0", "HTTP/9", "") },
    ),
    more: headers,
    body: fc.option(bodies, { freq: 2 }),
    cutAt: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 8 }),
    last: fc.constantFrom("close", "close", "keep-alive"),
    encoding: fc.constantFrom("utf8" as const, "latin1" as const),
  })
  .map(({ method, path, version, more, body, cutAt, last, encoding }) => {
    const content = body === null ? "" : `Content-Length: ${Buffer.byteLength(body, encoding)}\r\n`;
    const text = `${method} ${path} ${version}\r\nHost: localhost\r\n${more}Connection: ${last}\r\n${content}\r\n${body ?? ""}`;
    const bytes = Buffer.from(text, encoding);
    return cutAt === null ? bytes : bytes.subarray(0, Math.floor(cutAt * bytes.length));
  });
