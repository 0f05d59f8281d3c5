import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Certificate, createAuthority, selfSigned } from "./certificates.ts";
import { listen, serve } from "./network-servers.ts";
import { heartbeat } from "./processes.ts";

const TOKEN = "tok-s3cr3t-of-the-network-tests-0123456789";

async function directory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "network-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function environment(platformUrl: string, more: Record<string, string> = {}) {
  const dir = await directory();
  const env = { PLATFORM_URL: platformUrl, WORKSPACE_ID: "agent-7", CONFIGS_DIR: dir, HOME: dir };
  return { ...env, MOLECULE_WORKSPACE_TOKEN: TOKEN, ...more };
}

/** The complete output of a command. */
async function output(args: readonly string[], platformUrl: string, more: Record<string, string> = {}) {
  const running = heartbeat(args, await environment(platformUrl, more));
  const code = await running.ended;
  expect(running.output()).not.toContain(TOKEN);
  return { code, output: running.output() };
}

/** The first failure that `run` logs at its own level. */
async function firstFailure(platformUrl: string, more: Record<string, string> = {}) {
  const runner = heartbeat(["run"], await environment(platformUrl, more));
  await runner.printed(/REGISTER_FAILED:(?!CIRCUIT_OPEN)/);
  runner.child.kill("SIGTERM");
  await runner.ended;
  const lines = runner
    .output()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  expect(runner.output()).not.toContain(TOKEN);
  return lines.find(({ code }) => code.startsWith("REGISTER_FAILED"));
}

const authority = createAuthority();
const host = { name: "platform", hosts: ["localhost", "127.0.0.1"] };

describe("a platform with a certificate that cannot be trusted", () => {
  const cases: [string, string, Certificate, RegExp][] = [
    [
      "of an unknown authority",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      authority.issue(host),
      /authority .* NODE_EXTRA_CA_CERTS/,
    ],
    [
      "that is self-signed",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      selfSigned(host),
      /self-signed.* NODE_EXTRA_CA_CERTS/,
    ],
  ];
  it.each(cases)(
    "%s is reported with its fix",
    async (_what, code, certificate, fix) => {
      const { port } = await serve(undefined, certificate);
      const url = `https://localhost:${port}`;
      const checked = await output(["doctor"], url);
      expect(checked.output).toMatch(new RegExp(`✗ platform .*${code}`));
      expect(checked.output).toMatch(fix);
      expect(checked.code).toBe(1);
      expect(await firstFailure(url)).toMatchObject({
        level: "error",
        code: `REGISTER_FAILED:${code}`,
        msg: expect.stringMatching(fix),
      });
      expect((await output(["send", "birch", "hello"], url)).output).toMatch(fix);
    },
    60_000,
  );
});

describe("a platform with a certificate of a known authority", () => {
  it("is reached when NODE_EXTRA_CA_CERTS names the authority", async () => {
    const { port } = await serve(undefined, authority.issue(host));
    const ca = join(await directory(), "ca.pem");
    await writeFile(ca, authority.cert);
    const checked = await output(["doctor"], `https://localhost:${port}`, { NODE_EXTRA_CA_CERTS: ca });
    expect(checked).toMatchObject({ code: 0, output: expect.stringMatching(/✓ token accepted/) });
  }, 30_000);

  const cases: [string, string, object, RegExp][] = [
    ["has expired", "CERT_HAS_EXPIRED", { validDays: [-9, -2] }, /expired: its operator must renew it/],
    [
      "is not valid yet",
      "CERT_NOT_YET_VALID",
      { validDays: [2, 9] },
      /not valid yet: check this machine's clock/,
    ],
    [
      "is for another name",
      "ERR_TLS_CERT_ALTNAME_INVALID",
      { hosts: ["other.example"] },
      /another name: check the host/,
    ],
  ];
  it.each(cases)(
    "that %s is an error with its fix",
    async (_what, code, wanted, fix) => {
      const { port } = await serve(undefined, authority.issue({ ...host, ...wanted }));
      const ca = join(await directory(), "ca.pem");
      await writeFile(ca, authority.cert);
      const url = `https://localhost:${port}`;
      const checked = await output(["doctor"], url, { NODE_EXTRA_CA_CERTS: ca });
      expect(checked.output).toMatch(new RegExp(`✗ platform .*${code}`));
      expect(checked.output).toMatch(fix);
      const failure = await firstFailure(url, { NODE_EXTRA_CA_CERTS: ca });
      expect(failure).toMatchObject({
        level: "error",
        code: `REGISTER_FAILED:${code}`,
        msg: expect.stringMatching(fix),
      });
    },
    60_000,
  );
});

describe("a URL with the wrong scheme", () => {
  it("http to an https server that answers with a page is detected", async () => {
    const { port } = await serve(undefined, authority.issue(host));
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", (bytes) => {
        // Like Go's server: TLS begins with this byte.
        if (bytes[0] !== 0x16)
          return void socket.end("HTTP/1.0 400 Bad Request\r\n\r\nHTTPS is spoken here.\n");
        const onward = connect(port, "127.0.0.1");
        onward.on("error", () => {});
        onward.write(bytes);
        socket.pipe(onward).pipe(socket);
      });
    });
    const { output: printed } = await output(["doctor"], `http://127.0.0.1:${await listen(server)}`);
    expect(printed).toMatch(/HTTPS_EXPECTED/);
  }, 30_000);

  it("http to an https server that closes is detected", async () => {
    const { port } = await serve(undefined, authority.issue(host));
    const url = `http://127.0.0.1:${port}`;
    expect((await output(["doctor"], url)).output).toMatch(
      /✗ platform .*HTTPS_EXPECTED[^\n]*\n.*write https:/,
    );
    expect(await firstFailure(url)).toMatchObject({ level: "error", code: "REGISTER_FAILED:HTTPS_EXPECTED" });
    expect((await output(["send", "birch", "hello"], url)).output).toMatch(/write https:/);
  }, 60_000);

  it("https to an http server is detected", async () => {
    const { port } = await serve();
    const url = `https://127.0.0.1:${port}`;
    expect((await output(["doctor"], url)).output).toMatch(
      /✗ platform .*\n.*does not speak https .*perhaps http/,
    );
    expect(await firstFailure(url)).toMatchObject({
      level: "error",
      msg: expect.stringMatching(/perhaps http/),
    });
  }, 60_000);

  it("a server that closes each connection is not mistaken for an https server", async () => {
    const port = await listen(createServer((socket) => socket.destroy()));
    const failure = await firstFailure(`http://127.0.0.1:${port}`);
    expect(failure).toMatchObject({ level: "warn", msg: expect.stringMatching(/closed without a response/) });
  }, 30_000);
});

describe("a server that is not a platform", () => {
  const html = "<!doctype html><title>It works!</title>";
  it.each([
    ["a web page for everything", 200, "text/html", html],
    ["a web page with 404", 404, "text/html", html],
    ["JSON of another API", 404, "application/json", '{"detail":"Not Found"}'],
    ["405 for everything except GET", 405, "text/plain", "Method Not Allowed"],
  ])(
    "that answers with %s is detected, naming PLATFORM_URL",
    async (_what, status, type, body) => {
      const { port } = await serve(
        (_, response) => void response.writeHead(status, { "content-type": type }).end(body),
      );
      const checked = await output(["doctor"], `http://127.0.0.1:${port}`);
      expect(checked.output).toMatch(/✗ \w+ .*\n.*→ .*PLATFORM_URL/);
      expect(checked.code).toBe(1);
      const failure = await firstFailure(`http://127.0.0.1:${port}`);
      expect(failure).toMatchObject({ level: "error", msg: expect.stringMatching(/PLATFORM_URL/) });
    },
    60_000,
  );

  it("that does not speak HTTP is detected, in doctor and in run", async () => {
    const ssh = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    });
    const url = `http://127.0.0.1:${await listen(ssh)}`;
    const fix = /does not speak HTTP: check the scheme and port in PLATFORM_URL/;
    expect((await output(["doctor"], url)).output).toMatch(fix);
    expect(await firstFailure(url)).toMatchObject({ msg: expect.stringMatching(fix) });
  }, 60_000);

  it("is also detected with a path in PLATFORM_URL", async () => {
    const { port } = await serve((request, response) => {
      response.writeHead(request.url?.startsWith("/health") ? 200 : 404).end("404 page not found");
    });
    expect((await output(["doctor"], `http://127.0.0.1:${port}/api/`)).output).toMatch(
      /✗ platform .*404\n.*the path in/,
    );
  }, 30_000);
});

describe("a platform that cannot be reached", () => {
  it("refuses connections: a warning with its fix", async () => {
    const failure = await firstFailure("http://127.0.0.1:1");
    expect(failure).toMatchObject({
      level: "warn",
      msg: expect.stringMatching(/ECONNREFUSED.*Nothing listens/),
    });
  }, 30_000);

  it("has an unknown host name: a warning that mentions DNS", async () => {
    const failure = await firstFailure("https://platform.invalid");
    expect(failure).toMatchObject({
      level: "warn",
      msg: expect.stringMatching(/host name in PLATFORM_URL .*DNS/),
    });
  }, 30_000);

  it("is reached at another address of its name when one refuses", async () => {
    // The server listens on IPv4 only; `localhost` has an IPv6 address, too.
    const { port } = await serve();
    expect((await output(["doctor"], `http://localhost:${port}`)).code).toBe(0);
  }, 30_000);
});

describe("this machine's clock", () => {
  it.each([
    ["slow", 12 * 60_000, "behind the platform's by 12 min"],
    ["fast", -6 * 3_600_000, "ahead of the platform's by 6 h"],
  ])(
    "that is %s is reported by doctor, and once in the log",
    async (_what, ms, words) => {
      const { port } = await serve((request, response) => {
        response.setHeader("date", new Date(Date.now() + ms).toUTCString());
        const id = /^\/workspaces\/([^/?]+)/.exec(request.url ?? "")?.[1];
        const body = id === undefined ? { status: "ok" } : { id, workspace_id: id, status: "online" };
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
      });
      const url = `http://127.0.0.1:${port}`;
      const checked = await output(["doctor"], url);
      expect(checked.output).toMatch(new RegExp(`✗ clock .*${words}`));
      expect(checked.code).toBe(1);
      const runner = heartbeat(["run"], await environment(url));
      await runner.printed(/CLOCK_SKEW/);
      await runner.printed(/"REGISTERED"/);
      runner.child.kill("SIGTERM");
      await runner.ended;
      expect(runner.output().match(/CLOCK_SKEW/g)).toHaveLength(1);
      expect(runner.output()).toContain(words);
    },
    60_000,
  );

  it("is not compared with a cached answer", async () => {
    const { port } = await serve((_, response) => {
      response.writeHead(200, {
        date: new Date(0).toUTCString(),
        age: "600",
        "content-type": "application/json",
      });
      response.end('{"status":"ok"}');
    });
    expect((await output(["doctor"], `http://127.0.0.1:${port}`)).output).not.toContain("clock");
  }, 30_000);
});
