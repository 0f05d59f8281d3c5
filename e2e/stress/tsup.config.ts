import { defineConfig } from "tsup";

/** The programs: the one that users start, and its child processes. */
export default defineConfig({
  // Named entries, so that all end up in one folder: see `src/folder.ts`.
  entry: {
    cli: "src/cli.ts",
    writer: "src/child/writer.ts",
    reader: "src/child/reader.ts",
    agent: "src/child/agent.ts",
    fuzzer: "src/child/fuzzer.ts",
    collector: "src/child/collector.ts",
    "search-suite": "src/child/search-suite.ts",
    fetcher: "src/child/fetcher.ts",
  },
  format: "esm",
  target: "node20",
  platform: "node",
  removeNodeProtocol: false,
});
