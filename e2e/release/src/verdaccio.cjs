// Starts Verdaccio with the given configuration file on a free loopback port, and prints the port.
"use strict";
const { createRequire } = require("node:module");
const { join } = require("node:path");

const [config] = process.argv.slice(2);
const { runServer } = createRequire(join(__dirname, "../clients/package.json"))("verdaccio");

runServer(config).then((server) => {
  server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
});
process.on("disconnect", () => process.exit());
