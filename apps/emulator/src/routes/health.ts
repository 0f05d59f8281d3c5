import type { App, Platform } from "../app.ts";
import { answer } from "../schemas/base.ts";
import { Healthy } from "../schemas/workspaces.ts";

/** The platform's health and version. Open to anyone. */
export function healthRoutes(app: App, { state }: Platform): void {
  app.get(
    "/health",
    { schema: { summary: "The platform's health", tags: ["health"], response: { 200: Healthy } } },
    async () => ({ status: "ok" }),
  );

  app.get(
    "/buildinfo",
    { schema: { summary: "The build", tags: ["health"], response: { 200: answer("The build.") } } },
    async () => ({ git_sha: "dev" }),
  );

  app.get(
    "/metrics",
    { schema: { summary: "Prometheus metrics", tags: ["health"], response: { 200: answer("Text.") } } },
    async (_request, reply) =>
      reply
        .type("text/plain; version=0.0.4; charset=utf-8")
        .send(`# TYPE molecule_workspaces gauge\nmolecule_workspaces ${state.size}\n`),
  );
}
