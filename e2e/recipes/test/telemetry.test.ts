import { inspect } from "node:util";
import { trace } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { expect, it, onTestFinished } from "vitest";
import { id, startPlatform } from "../src/platform.ts";
import { run } from "../src/run.ts";

it("a request is one span, with an event for each attempt", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  onTestFinished(async () => {
    trace.disable();
    await provider.shutdown();
  });
  const { rotate, tokens } = await startPlatform();
  const { made } = await run("OpenTelemetry", ["platform"]);
  exporter.reset();

  rotate();
  await made.platform(`/workspaces/${id}/delegations`);
  const spans = exporter.getFinishedSpans();
  expect(spans.map(({ name }) => name)).toEqual(["platform"]);
  const [span] = spans;
  expect(span?.events.map(({ name, attributes }) => [name, attributes])).toEqual([
    ["attempt", { "http.response.status_code": 401 }],
    ["attempt", { "http.response.status_code": 200 }],
  ]);
  const exported = inspect(spans, { depth: 20, showHidden: true });
  for (const token of tokens()) expect(exported).not.toContain(token);
});
