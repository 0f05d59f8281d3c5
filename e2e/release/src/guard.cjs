// Preloaded into each process of a publication (NODE_OPTIONS=--require). Records its connections and allows only one
// address.
"use strict";
const { appendFileSync } = require("node:fs");
const { Socket } = require("node:net");
const { basename } = require("node:path");

const { GUARD_LOG: log, GUARD_ALLOW: allowed } = process.env;
const say = (line) => appendFileSync(log, `${line}\n`);

say(`process ${basename(process.argv[1] ?? "node")}`);

const { connect } = Socket.prototype;

// `net`, `tls`, `http`, `https`, `http2` and `fetch` all end up here, before any DNS lookup.
Socket.prototype.connect = function (...args) {
  const target = destination(args);
  if (target === null) return connect.apply(this, args);
  say(`connect ${target}`);
  if (allowed === "any" || target === allowed) return connect.apply(this, args);
  process.nextTick(() => this.destroy(new Error(`rejected by the rehearsal: a connection to ${target}`)));
  return this;
};

/** `host:port`, or null for a Unix domain socket. */
function destination([first, second]) {
  const options = Array.isArray(first) ? first[0] : first;
  if (typeof options === "object" && options !== null)
    return options.path ? null : `${options.host ?? "localhost"}:${options.port}`;
  if (typeof options === "string" && Number.isNaN(Number(options))) return null;
  return `${typeof second === "string" ? second : "localhost"}:${options}`;
}
