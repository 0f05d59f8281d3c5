import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { RequestHandler } from "express";

/** A stateless server with one tool: each request gets a new server instance. */
export function mcpServer(): RequestHandler {
  return async (request, response) => {
    const server = new McpServer({ name: "weather", version: "1.0.0" });
    server.registerTool("weather", { description: "The weather" }, () => ({
      content: [{ type: "text", text: "fine" }],
    }));
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    response.on("close", () => void server.close());
    await server.connect(transport);
    await transport.handleRequest(request, response);
  };
}
