import { connect, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { type Certificate, createAuthority, selfSigned } from "./certificates.ts";
import { serve } from "./network-servers.ts";
import { heartbeat, outcome, outcomeOf } from "./processes.ts";
import { temporaryDirectory } from "./support/directory.ts";
import { listen } from "./support/servers.ts";
import { trust } from "./support/trust.ts";

const TOKEN = "tok-s3cr3t-of-the-network-tests-0123456789";

function environment(platformUrl: string, more: Record<string, string> = {}) {
  const dir = temporaryDirectory();
  const env = { PLATFORM_URL: platformUrl, WORKSPACE_ID: "agent-7", CONFIGS_DIR: dir, HOME: dir };
  return { ...env, MOLECULE_WORKSPACE_TOKEN: TOKEN, ...more };
}

/** The complete output of a command. */
async function output(args: readonly string[], platformUrl: string, more: Record<string, string> = {}) {
  const ended = await outcomeOf(args, environment(platformUrl, more));
  expect(ended.output).not.toContain(TOKEN);
  return ended;
}

/** The first failure that `run` logs at its own level. */
async function firstFailure(platformUrl: string, more: Record<string, string> = {}) {
  const runner = heartbeat(["run"], environment(platformUrl, more));
  await runner.printed(/REGISTER_FAILED:(?!CIRCUIT_OPEN)/);
  await runner.stop();
  expect(runner.output()).not.toContain(TOKEN);
  return runner.logged().find(({ code }) => code.startsWith("REGISTER_FAILED"));
}

const authority = createAuthority();
const host = { name: "platform", hosts: ["localhost", "127.0.0.1"] };

/** A platform with this certificate is reported with the code and the fix, by doctor and by run. */
async function expectReported(certificate: Certificate, code: string, fix: RegExp, env = {}) {
  const { port } = await serve(undefined, certificate);
  const url = `https://localhost:${port}`;
  const checked = await output(["doctor"], url, env);
  expect(checked).toEqual(outcome(1, new RegExp(`✗ platform .*${code}`)));
  expect(checked.output).toMatch(fix);
  expect(await firstFailure(url, env)).toMatchObject({
    level: "error",
    code: `REGISTER_FAILED:${code}`,
    msg: expect.stringMatching(fix),
  });
  return url;
}

describe("a platform with a certificate that cannot be trusted", () => {
  it.each([
    [
      "of an unknown authority",
      authority.issue(host),
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      /authority .* NODE_EXTRA/,
    ],
    ["that is self-signed", selfSigned(host), "DEPTH_ZERO_SELF_SIGNED_CERT", /self-signed.* NODE_EXTRA/],
  ])("%s is reported with its fix", async (_what, certificate, code, fix) => {
    const url = await expectReported(certificate, code, fix);
    expect((await output(["send", "birch", "hello"], url)).output).toMatch(fix);
  });
});

describe("a platform with a certificate of a known authority", () => {
  it("is reached when NODE_EXTRA_CA_CERTS names the authority", async () => {
    const { port } = await serve(undefined, authority.issue(host));
    const checked = await output(["doctor"], `https://localhost:${port}`, trust(authority));
    expect(checked).toEqual(outcome(0, /✓ token accepted/));
  });

  it.each<[string, object, string, RegExp]>([
    ["has expired", { validDays: [-9, -2] }, "CERT_HAS_EXPIRED", /expired: its operator must renew it/],
    [
      "is not valid yet",
      { validDays: [2, 9] },
      "CERT_NOT_YET_VALID",
      /not valid yet: check this machine's clock/,
    ],
    [
      "is for another name",
      { hosts: ["other.example"] },
      "ERR_TLS_CERT_ALTNAME_INVALID",
      /another name: check the host/,
    ],
  ])("that %s is an error with its fix", async (_what, wanted, code, fix) => {
    await expectReported(authority.issue({ ...host, ...wanted }), code, fix, trust(authority));
  });
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
  });

  it("http to an https server that closes is detected", async () => {
    const { port } = await serve(undefined, authority.issue(host));
    const url = `http://127.0.0.1:${port}`;
    expect((await output(["doctor"], url)).output).toMatch(
      /✗ platform .*HTTPS_EXPECTED[^\n]*\n.*write https:/,
    );
    expect(await firstFailure(url)).toMatchObject({ level: "error", code: "REGISTER_FAILED:HTTPS_EXPECTED" });
    expect((await output(["send", "birch", "hello"], url)).output).toMatch(/write https:/);
  });

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
  });

  it("a server that closes each connection is not mistaken for an https server", async () => {
    const port = await listen(createServer((socket) => socket.destroy()));
    const failure = await firstFailure(`http://127.0.0.1:${port}`);
    expect(failure).toMatchObject({ level: "warn", msg: expect.stringMatching(/closed without a response/) });
  });
});

describe("a server that is not a platform", () => {
  const html = "<!doctype html><title>It works!</title>";
  it.each([
    ["a web page for everything", 200, "text/html", html],
    ["a web page with 404", 404, "text/html", html],
    ["JSON of another API", 404, "application/json", '{"detail":"Not Found"}'],
    ["405 for everything except GET", 405, "text/plain", "Method Not Allowed"],
  ])("that answers with %s is detected, naming PLATFORM_URL", async (_what, status, type, body) => {
    const { port } = await serve(
      (_, response) => void response.writeHead(status, { "content-type": type }).end(body),
    );
    expect(await output(["doctor"], `http://127.0.0.1:${port}`)).toEqual(
      outcome(1, /✗ \w+ .*\n.*→ .*PLATFORM_URL/),
    );
    const failure = await firstFailure(`http://127.0.0.1:${port}`);
    expect(failure).toMatchObject({ level: "error", msg: expect.stringMatching(/PLATFORM_URL/) });
  });

  it("that does not speak HTTP is detected, in doctor and in run", async () => {
    const ssh = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    });
    const url = `http://127.0.0.1:${await listen(ssh)}`;
    const fix = /does not speak HTTP: check the scheme and port in PLATFORM_URL/;
    expect((await output(["doctor"], url)).output).toMatch(fix);
    expect(await firstFailure(url)).toMatchObject({ msg: expect.stringMatching(fix) });
  });

  it("is also detected with a path in PLATFORM_URL", async () => {
    const { port } = await serve((request, response) => {
      response.writeHead(request.url?.startsWith("/health") ? 200 : 404).end("404 page not found");
    });
    expect((await output(["doctor"], `http://127.0.0.1:${port}/api/`)).output).toMatch(
      /✗ platform .*404\n.*the path in/,
    );
  });
});

describe("a platform that cannot be reached", () => {
  it.each([
    ["refuses connections", "http://127.0.0.1:1", /ECONNREFUSED.*Nothing listens/],
    ["has an unknown host name", "https://platform.invalid", /host name in PLATFORM_URL .*DNS/],
  ])("because it %s causes a warning with its fix", async (_what, url, msg) => {
    expect(await firstFailure(url)).toMatchObject({ level: "warn", msg: expect.stringMatching(msg) });
  });

  it("is reached at another address of its name when one refuses", async () => {
    // The server listens on IPv4 only; `localhost` has an IPv6 address, too.
    const { port } = await serve();
    expect((await output(["doctor"], `http://localhost:${port}`)).code).toBe(0);
  });
});

describe("this machine's clock", () => {
  it.each([
    ["slow", 12 * 60_000, "behind the platform's by 12 min"],
    ["fast", -6 * 3_600_000, "ahead of the platform's by 6 h"],
  ])("that is %s is reported by doctor, and once in the log", async (_what, ms, words) => {
    const { port } = await serve((request, response) => {
      response.setHeader("date", new Date(Date.now() + ms).toUTCString());
      const id = /^\/workspaces\/([^/?]+)/.exec(request.url ?? "")?.[1];
      const body = id === undefined ? { status: "ok" } : { id, workspace_id: id, status: "online" };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    const url = `http://127.0.0.1:${port}`;
    expect(await output(["doctor"], url)).toEqual(outcome(1, new RegExp(`✗ clock .*${words}`)));
    const runner = heartbeat(["run"], environment(url));
    await runner.printed(/CLOCK_SKEW/);
    await runner.printed(/"REGISTERED"/);
    await runner.stop();
    expect(runner.output().match(/CLOCK_SKEW/g)).toHaveLength(1);
    expect(runner.output()).toContain(words);
  });

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
  });
});
