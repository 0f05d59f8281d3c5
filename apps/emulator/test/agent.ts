/** The minimum of an agent, for a lively page. It sends nothing on its own. */
export interface Agent {
  readonly id: string;
  /** Its token. Setting it simulates that the agent reads another one from its file. */
  token: string | undefined;
  /** @returns the answer's status, or null if the connection broke */
  register(more?: Record<string, unknown>): Promise<number | null>;
  heartbeat(more?: Record<string, unknown>): Promise<number | null>;
}

/** An agent that talks plain HTTP. */
export function agent({ url }: { readonly url: string }, id: string): Agent {
  const post = async (path: string, body: unknown): Promise<number | null> => {
    const headers: Record<string, string> = self.token ? { authorization: `Bearer ${self.token}` } : {};
    try {
      const response = await fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(body), headers });
      const { auth_token } = (await response.json()) as { auth_token?: string };
      self.token = auth_token ?? self.token;
      return response.status;
    } catch {
      return null;
    }
  };
  const self: Agent = {
    id,
    token: undefined,
    register: (more) =>
      post("/registry/register", { id, url: "http://localhost:9000", agent_card: { name: id }, ...more }),
    heartbeat: (more) => post("/registry/heartbeat", { workspace_id: id, ...more }),
  };
  return self;
}
