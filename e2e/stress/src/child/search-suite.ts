/** `pnpm test:secrets`: runs all tests; fails if one fails or any output contains a token. */
import { createFixtures } from "../fixtures/fixtures.ts";
import { collectFromSuite } from "../secrets/suite.ts";

const fixtures = createFixtures();
process.once("exit", fixtures.end);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

const { status, lines, leaks, silent } = await collectFromSuite(fixtures, true);
console.log(
  `\nSearched ${lines.toLocaleString("en")} lines of output for tokens: ${leaks.length} contain one.`,
);
for (const { where, line } of leaks.slice(0, 100)) console.log(`  ${where}: ${line}`);
for (const source of silent) console.log(`No output was collected from: ${source}`);
process.exitCode = status === 0 && leaks.length === 0 && silent.length === 0 ? 0 : 1;
