import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { createAuthority } from "./certificates.ts";
import { serve, serveProxy } from "./network-servers.ts";
import { heartbeat, outcome, outcomeOf } from "./processes.ts";
import { temporaryDirectory } from "./support/directory.ts";
import { listen } from "./support/servers.ts";
import { trust } from "./support/trust.ts";

const PASSWORD = "p4ss-w0rd-of-the-proxy";
const PLAIN = "http://platform.corp.invalid";
const SECURE = "https://platform.corp.invalid";

function environment(platformUrl: string, more: Record<string, string>) {
  const dir = temporaryDirectory();
  return { PLATFORM_URL: platformUrl, WORKSPACE_ID: "agent-7", CONFIGS_DIR: dir, ...more };
}

async function output(args: readonly string[], platformUrl: string, more: Record<string, string>) {
  const ended = await outcomeOf(args, environment(platformUrl, more));
  expect(ended.output).not.toContain(PASSWORD);
  return ended;
}

/** A platform with a certificate for its name, and the environment that trusts it. */
async function securePlatform() {
  const authority = createAuthority();
  const certificate = authority.issue({ name: "platform", hosts: ["platform.corp.invalid"] });
  return { server: await serve(undefined, certificate), trust: trust(authority) };
}

describe("a network where only a proxy reaches the platform", () => {
  it.each(["HTTP_PROXY", "http_proxy", "ALL_PROXY"])("doctor, send and run go through %s", async (name) => {
    const platform = await serve();
    const proxy = await serveProxy({ target: platform.port, user: `agent:${PASSWORD}` });
    const env = { [name]: `http://agent:${PASSWORD}@127.0.0.1:${proxy.port}/` };
    expect(await output(["doctor"], PLAIN, env)).toEqual(
      outcome(0, `requests go through http://127.0.0.1:${proxy.port} (${name})`),
    );
    expect((await output(["send", "birch", "hello"], PLAIN, env)).code).toBe(0);
    const runner = heartbeat(["run"], environment(PLAIN, env));
    await runner.printed(/"REGISTERED"/);
    await runner.stop();
    expect(runner.output()).toContain("PROXY_USED");
    expect(runner.output()).toContain("PLAIN_HTTP");
    expect(runner.output()).not.toContain(PASSWORD);
    expect(proxy.seen).toContain(`GET ${PLAIN}/health`);
    expect(proxy.seen).toContain(`POST ${PLAIN}/registry/register`);
    expect(proxy.seen).toContain(`POST ${PLAIN}/workspaces/birch/a2a`);
  });

  it.each(["HTTPS_PROXY", "https_proxy"])(
    "an https platform is reached in a tunnel through %s",
    async (name) => {
      const { server, trust } = await securePlatform();
      const proxy = await serveProxy({ target: server.port, user: `agent:${PASSWORD}` });
      const env = { ...trust, [name]: `agent:${PASSWORD}@127.0.0.1:${proxy.port}` };
      expect((await output(["doctor"], SECURE, env)).code).toBe(0);
      const runner = heartbeat(["run"], environment(SECURE, env));
      await runner.printed(/"REGISTERED"/);
      await runner.stop();
      expect(new Set(proxy.seen)).toEqual(new Set(["CONNECT platform.corp.invalid:443"]));
      expect(server.seen).toContain("POST /registry/register");
    },
  );

  it("doctor and run warn when certificates are not checked", async () => {
    const { server } = await securePlatform();
    const { port } = await serveProxy({ target: server.port });
    const env = { HTTPS_PROXY: `127.0.0.1:${port}`, NODE_TLS_REJECT_UNAUTHORIZED: "0" };
    const warning = "certificates are not checked (NODE_TLS_REJECT_UNAUTHORIZED is 0)";
    expect(await output(["doctor"], SECURE, env)).toEqual(outcome(0, warning));
    const runner = heartbeat(["run"], environment(SECURE, env));
    await runner.printed(/"level":"warn".*"CERTIFICATES_NOT_CHECKED".*https:\/\/platform\.corp\.invalid/);
    await runner.stop();
  });

  it.each([PLAIN, SECURE])("a proxy that speaks TLS is reached by its own name: %s", async (url) => {
    const authority = createAuthority();
    const certificate = authority.issue({ name: "platform", hosts: ["platform.corp.invalid"] });
    const platform = await serve(undefined, url === SECURE ? certificate : undefined);
    const tls = authority.issue({ name: "proxy", hosts: ["localhost"] });
    const proxy = await serveProxy({ target: platform.port, tls });
    const address = `https://localhost:${proxy.port}`;
    const env = { HTTP_PROXY: address, HTTPS_PROXY: address };
    expect((await output(["doctor"], url, { ...env, ...trust(authority) })).code).toBe(0);
    expect((await output(["doctor"], url, env)).output).toMatch(
      /✗ platform .*PROXY_.*\n.*The proxy's certificate/,
    );
  });

  it("the platform's certificate is checked, even behind a proxy", async () => {
    const { server } = await securePlatform();
    const proxy = await serveProxy({ target: server.port });
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    expect((await output(["doctor"], SECURE, env)).output).toMatch(
      /✗ platform .*\n.*The platform's certificate/,
    );
  });
});

describe("a proxy that rejects a request", () => {
  it.each([
    ["requires a user", { user: `agent:${PASSWORD}` }, /PROXY_HTTP_407.*user name and a password/s],
    ["forbids the host", { refuses: 403 }, /PROXY_HTTP_403.*NO_PROXY/s],
    ["cannot reach the platform", { refuses: 502 }, /PROXY_HTTP_502.*cannot reach the platform/s],
  ])("because it %s is reported separately from the platform", async (_what, options, words) => {
    const proxy = await serveProxy({ target: 1, ...options });
    const env = { HTTPS_PROXY: `http://someone:${PASSWORD}-old@127.0.0.1:${proxy.port}` };
    expect(await output(["doctor"], SECURE, env)).toEqual(outcome(1, words));
    expect((await output(["send", "birch", "hello"], SECURE, env)).output).toMatch(/^not delivered: /);
  });

  it("requires a user with 407 for a plain request, too", async () => {
    const proxy = await serveProxy({ target: 1, user: `agent:${PASSWORD}` });
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
    expect((await output(["doctor"], PLAIN, env)).output).toMatch(/PROXY_HTTP_407/);
  });

  it("does not answer, and is not mistaken for the platform", async () => {
    const port = await listen(createServer(() => {}));
    const checked = await output(["doctor"], SECURE, { HTTPS_PROXY: `http://127.0.0.1:${port}` });
    expect(checked.output).toMatch(
      /PROXY_UND_ERR_HEADERS_TIMEOUT[^\n]*\n.*The proxy does not answer in time/,
    );
  });

  it.each([PLAIN, SECURE])(
    "because nothing listens there is reported as the proxy's fault, not that of %s",
    async (url) => {
      const env = { HTTP_PROXY: "http://127.0.0.1:1", HTTPS_PROXY: "http://127.0.0.1:1" };
      const checked = await output(["doctor"], url, env);
      expect(checked.output).toMatch(/PROXY_ECONNREFUSED[^\n]*\n.*the proxy is up.*HTTPS_PROXY/);
    },
  );
});

describe("requests without a proxy", () => {
  it("go to this machine, whatever the proxy", async () => {
    const platform = await serve();
    const proxy = await serveProxy({ target: platform.port });
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
    expect(await output(["doctor"], `http://127.0.0.1:${platform.port}`, env)).toEqual(
      outcome(0, /proxy .*none: this machine/),
    );
    expect(proxy.seen).toEqual([]);
  });

  it("go to a host that NO_PROXY names", async () => {
    const proxy = await serveProxy({ target: 1 });
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: ".corp.invalid" };
    const checked = await output(["doctor"], PLAIN, env);
    expect(checked.output).toMatch(/none: NO_PROXY names this host/);
    expect(proxy.seen).toEqual([]);
  });
});

it("a misspelt proxy is a configuration error", async () => {
  expect(await output(["run"], "http://127.0.0.1:1", { HTTPS_PROXY: "http//proxy:3128" })).toEqual(
    outcome(2, "HTTPS_PROXY is not the URL of a proxy"),
  );
});
