import { randomUUID } from "node:crypto";
import { AgentCard, Message } from "@a2a-js/sdk";
import { AgentEvent, DefaultRequestHandler, InMemoryTaskStore } from "@a2a-js/sdk/server";
import { agentCardHandler, jsonRpcHandler, UserBuilder } from "@a2a-js/sdk/server/express";
import { type RequestHandler, Router } from "express";

/** An agent called birch that answers everything with a greeting. */
export function agent(url: string): RequestHandler {
  const card = AgentCard.fromJSON({
    name: "birch",
    version: "1.0.0",
    supportedInterfaces: [{ url, protocolBinding: "JSONRPC", protocolVersion: "1.0" }],
    capabilities: {},
    defaultInputModes: ["text/plain"],
    defaultOutputModes: ["text/plain"],
  });
  const requestHandler = new DefaultRequestHandler(card, new InMemoryTaskStore(), {
    async execute({ contextId }, bus) {
      const parts = [{ text: "Hello, too" }];
      const message = { messageId: randomUUID(), contextId, role: "ROLE_AGENT", parts };
      bus.publish(AgentEvent.message(Message.fromJSON(message)));
      bus.finished();
    },
    cancelTask: async () => {},
  });
  const router = Router();
  router.use("/.well-known/agent-card.json", agentCardHandler({ agentCardProvider: requestHandler }));
  router.use("/", jsonRpcHandler({ requestHandler, userBuilder: UserBuilder.noAuthentication }));
  return router;
}
